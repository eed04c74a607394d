// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Pointers in exception tables (Linux Standard Base, "DWARF Exception Header Encoding").</summary>
// SAFETY: the caller stands at a pointer of this encoding in a table of the image; an indirect one leads to a word that the linker filled in.
internal static unsafe class PointerEncoding
{
    internal const byte Omitted = 0xff;

    private const byte FormatMask = 0x0f;
    private const byte RelativeMask = 0x70;
    private const byte PcRelative = 0x10;
    internal const byte Indirect = 0x80;

    [InterruptSafe]
    internal static int Size(byte encoding) => (encoding & FormatMask) switch
    {
        0x02 or 0x0a => 2,
        0x03 or 0x0b => 4,
        _ => 8,
    };

    [InterruptSafe]
    internal static byte* Read(byte encoding, ref byte* at)
    {
        byte* start = at;
        long value = (encoding & FormatMask) switch
        {
            0x01 => (long)LittleEndianBase128.ReadUnsigned(ref at),
            0x02 => *(ushort*)at,
            0x03 => *(uint*)at,
            0x09 => LittleEndianBase128.ReadSigned(ref at),
            0x0a => *(short*)at,
            0x0b => *(int*)at,
            _ => *(long*)at,
        };
        if ((encoding & FormatMask) is not (0x01 or 0x09))
        {
            at += Size(encoding);
        }

        if (value == 0)
        {
            return null;
        }

        byte* result = (encoding & RelativeMask) == PcRelative ? start + value : (byte*)value;
        return (encoding & Indirect) != 0 ? *(byte**)result : result;
    }
}
