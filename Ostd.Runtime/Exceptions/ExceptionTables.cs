// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Finds frame descriptions by binary search in <c>.eh_frame_hdr</c> (Linux Standard Base, "Exception Frames"). ilc and lld use one set of encodings; it is
/// checked once.
/// </summary>
// SAFETY: the header, its table and the descriptions are read-only data of the image. Initialize checks the encodings, by which
// everything else is read; until then s_count is 0 and nothing is found. The search stays below s_count, and the linker made the table,
// so its entries lead to whole descriptions.
internal static unsafe class ExceptionTables
{
    private const byte EncodingUData4 = 0x03;
    private const byte EncodingPcRelativeSData4 = 0x1b;
    private const byte EncodingHeaderRelativeSData4 = 0x3b;

    private static byte* s_header;
    private static int* s_table;
    private static int s_count;

    internal static void Initialize(ImageTable* image)
    {
        byte* header = image->EhFrameHeader;
        if (header[0] != 1 || header[1] != EncodingPcRelativeSData4 || header[2] != EncodingUData4 || header[3] != EncodingHeaderRelativeSData4)
        {
            RuntimePanic.Fail("the image's .eh_frame_hdr is encoded in a way that the unwinder does not know");
        }

        int count = *(int*)(header + 8);
        s_header = header;
        s_table = (int*)(header + 12);
        for (int i = 0; i < count; i++)
        {
            CommonDescriptions.Read(FdeAt(i));
        }

        s_count = count;
    }

    /// <summary>Finds the frame description that covers an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="fde">The description.</param>
    /// <param name="start">First address that it covers.</param>
    /// <param name="block">What it refers to as LSDA, or null.</param>
    [InterruptSafe]
    internal static bool TryFindFde(nuint address, out byte* fde, out nuint start, out byte* block)
    {
        fde = null;
        start = 0;
        block = null;
        int target = (int)(nint)(address - (nuint)s_header);
        int low = 0;
        int high = s_count;
        while (low < high)
        {
            int middle = low + ((high - low) >> 1);
            if (s_table[middle * 2] <= target)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == 0)
        {
            return false;
        }

        start = (nuint)s_header + (nuint)(nint)s_table[(low - 1) * 2];
        fde = FdeAt(low - 1);

        // FDE: length, distance to the CIE, start (relative to here), size, augmentation length and data.
        uint size = *(uint*)(fde + 12);
        if (address - start >= size)
        {
            return false;
        }

        byte* p = fde + 16;
        byte encoding = CommonDescriptions.Of(fde).LanguageEncoding;
        if (LittleEndianBase128.ReadUnsigned(ref p) != 0 && encoding != PointerEncoding.Omitted)
        {
            block = PointerEncoding.Read(encoding, ref p);
        }

        return true;
    }

    [InterruptSafe]
    private static byte* FdeAt(int index) => s_header + s_table[index * 2 + 1];
}

/// <summary>DWARF's variable-length numbers (DWARF 4, section 7.6).</summary>
// SAFETY: the caller's pointer stands at a number in the exception tables, which the tools wrote whole: the byte without the
// continuation bit, which ends the loop, lies in the tables too.
internal static unsafe class LittleEndianBase128
{
    [InterruptSafe]
    internal static ulong ReadUnsigned(ref byte* p)
    {
        ulong value = 0;
        int shift = 0;
        byte current;
        do
        {
            current = *p++;
            value |= (ulong)(current & 0x7f) << shift;
            shift += 7;
        }
        while ((current & 0x80) != 0);

        return value;
    }

    [InterruptSafe]
    internal static long ReadSigned(ref byte* p)
    {
        long value = 0;
        int shift = 0;
        byte current;
        do
        {
            current = *p++;
            value |= (long)(current & 0x7f) << shift;
            shift += 7;
        }
        while ((current & 0x80) != 0);

        return shift < 64 && (current & 0x40) != 0 ? value | (-1L << shift) : value;
    }
}
