// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>What frame descriptions of one kind have in common, read from their CIE (DWARF 4, section 6.4.1; Linux Standard Base, "The Common Information Entry Format").</summary>
// SAFETY: Address is compared and not followed.
internal unsafe struct CommonDescription
{
    /// <summary>Where the CIE begins.</summary>
    internal byte* Address;

    /// <summary>What advances are multiples of.</summary>
    internal ulong CodeAlignment;

    /// <summary>What offsets are multiples of.</summary>
    internal long DataAlignment;

    /// <summary>How the descriptions refer to their LSDA (<see cref="PointerEncoding"/>): ilc and LLVM differ, and LLVM by its code model.</summary>
    internal byte LanguageEncoding;

    /// <summary>False when its call frame instructions are not among those that <see cref="FrameUnwinder"/> knows.</summary>
    internal bool IsUnderstood;

    /// <summary>The row at the beginning of each method.</summary>
    internal UnwindRow InitialRow;
}

/// <summary>The image's common descriptions, each read once at boot: there are two or three, and every frame that an exception passes needs one twice.</summary>
// SAFETY: Initialize of ExceptionTables gives frame descriptions that the tools wrote whole; each leads to its CIE, whose length bounds what is read. Afterwards the table only is read.
internal static unsafe class CommonDescriptions
{
    private const int Capacity = 16;

    private static Table s_descriptions;
    private static int s_count;

    /// <summary>Reads the CIE of a frame description, unless it is known already. At boot only.</summary>
    internal static void Read(byte* fde)
    {
        byte* address = CieOf(fde);
        if (IndexOf(address) < s_count)
        {
            return;
        }

        if (s_count == Capacity)
        {
            RuntimePanic.Fail("the image has more kinds of frame descriptions than the unwinder can hold");
        }

        Parse(address, ref s_descriptions[s_count]);
        s_count++;
    }

    /// <summary>What a frame description has in common with others.</summary>
    [InterruptSafe]
    internal static ref CommonDescription Of(byte* fde) => ref s_descriptions[IndexOf(CieOf(fde))];

    // The count when it is not known.
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int IndexOf(byte* address)
    {
        int index = 0;
        while (index < s_count && s_descriptions[index].Address != address)
        {
            index++;
        }

        return index;
    }

    // The second word is the distance back from itself.
    [InterruptSafe]
    private static byte* CieOf(byte* fde) => fde + 4 - *(int*)(fde + 4);

    private static void Parse(byte* cie, ref CommonDescription common)
    {
        // Length, id, version, augmentation string, code and data alignment, return address register, augmentation.
        byte* text = cie + 9;
        byte* p = text;
        while (*p++ != 0)
        {
        }

        common.Address = cie;
        common.CodeAlignment = LittleEndianBase128.ReadUnsigned(ref p);
        common.DataAlignment = LittleEndianBase128.ReadSigned(ref p);
        LittleEndianBase128.ReadUnsigned(ref p);
        common.LanguageEncoding = PointerEncoding.Omitted;
        if (*text == (byte)'z')
        {
            ulong size = LittleEndianBase128.ReadUnsigned(ref p);
            common.LanguageEncoding = LanguageEncoding(text + 1, p);
            p += size;
        }

        for (int i = 0; i < UnwindRegisters.Count; i++)
        {
            common.InitialRow.Offsets[i] = FrameUnwinder.NotSaved;
        }

        common.InitialRow.CfaRegister = UnwindRegisters.StackPointer;
        common.InitialRow.CfaOffset = UnwindRegisters.PushedByCall;
        common.IsUnderstood = FrameUnwinder.Execute(p, cie + 4 + *(uint*)cie, nuint.MaxValue, 0, common.CodeAlignment, common.DataAlignment, ref common.InitialRow);
    }

    private static byte LanguageEncoding(byte* text, byte* data)
    {
        for (; *text != 0; text++)
        {
            byte encoding = *data++;
            switch (*text)
            {
                case (byte)'L':
                    return encoding;
                case (byte)'P':
                    PointerEncoding.Read((byte)(encoding & ~PointerEncoding.Indirect), ref data);
                    break;
                case (byte)'R':
                    break;
                default:
                    return PointerEncoding.Omitted;
            }
        }

        return PointerEncoding.Omitted;
    }

    [InlineArray(Capacity)]
    private struct Table
    {
        private CommonDescription _first;
    }
}
