// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Fs.Ram;

/// <summary>The header of an entry of a cpio archive in the "newc" format: a magic of 6 bytes and 13 numbers of 8 hexadecimal digits (Linux's buffer-format.rst).</summary>
internal readonly struct CpioHeader
{
    public const int Length = 110;

    public uint Inode { get; private init; }

    public uint Mode { get; private init; }

    public uint Uid { get; private init; }

    public uint Gid { get; private init; }

    public uint LinkCount { get; private init; }

    public uint ModificationTime { get; private init; }

    public uint FileSize { get; private init; }

    public uint DeviceMajor { get; private init; }

    public uint DeviceMinor { get; private init; }

    public uint SpecialMajor { get; private init; }

    public uint SpecialMinor { get; private init; }

    public uint NameSize { get; private init; }

    /// <summary>Reads a header.</summary>
    /// <returns>False when it is none.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out CpioHeader header)
    {
        header = default;
        if (bytes.Length < Length || !(bytes.StartsWith("070701"u8) || bytes.StartsWith("070702"u8)))
        {
            return false;
        }

        Span<uint> fields = stackalloc uint[13];
        for (var i = 0; i < fields.Length; i++)
        {
            if (!TryParseHex(bytes.Slice(6 + i * 8, 8), out fields[i]))
            {
                return false;
            }
        }

        header = new CpioHeader
        {
            Inode = fields[0],
            Mode = fields[1],
            Uid = fields[2],
            Gid = fields[3],
            LinkCount = fields[4],
            ModificationTime = fields[5],
            FileSize = fields[6],
            DeviceMajor = fields[7],
            DeviceMinor = fields[8],
            SpecialMajor = fields[9],
            SpecialMinor = fields[10],
            NameSize = fields[11],
        };

        return true;
    }

    private static bool TryParseHex(ReadOnlySpan<byte> digits, out uint value)
    {
        value = 0;
        foreach (var digit in digits)
        {
            var number = digit switch
            {
                >= (byte)'0' and <= (byte)'9' => digit - '0',
                >= (byte)'a' and <= (byte)'f' => digit - 'a' + 10,
                >= (byte)'A' and <= (byte)'F' => digit - 'A' + 10,
                _ => -1,
            };

            if (number < 0)
            {
                return false;
            }

            value = value << 4 | (uint)number;
        }

        return true;
    }
}
