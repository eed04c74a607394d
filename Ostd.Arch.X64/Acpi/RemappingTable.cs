// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Ostd.Arch.Acpi;

/// <summary>
/// What the DMA Remapping Reporting table says (Intel VT-d specification 4.0, chapter 8): where the registers of the remapping units are, and by which source ids I/O APICs send their interrupts. A table
/// that breaks a rule is refused as a whole, since a unit that was overlooked would leave its devices free; the units that were read before the break are kept, so that no driver gets their registers.
/// </summary>
internal unsafe struct RemappingTable
{
    /// <summary>Units that are remembered; a table with more is refused.</summary>
    public const int MaxUnits = 16;

    /// <summary>I/O APICs that are remembered; a table with more is refused.</summary>
    public const int MaxIoApics = 16;

    private const int EntriesOffset = 48;
    private const int FlagsOffset = 37;
    private const int InterruptRemappingFlag = 1;
    private const int EntryHeaderLength = 4;
    private const int HardwareUnitType = 0;
    private const int HardwareUnitLength = 16;
    private const int ScopeHeaderLength = 6;
    private const int IoApicScope = 3;
    private const ulong PageSize = 4096;
    private const ulong PhysicalEnd = 1ul << 52;

    private fixed ulong _address[MaxUnits];
    private fixed ulong _length[MaxUnits];
    private fixed byte _ioApicId[MaxIoApics];
    private fixed ushort _ioApicSource[MaxIoApics];
    private int _ioApicCount;

    /// <summary>Number of units.</summary>
    public int UnitCount { get; private set; }

    /// <summary>Firmware allows interrupt remapping (section 8.1, INTR_REMAP).</summary>
    public bool AllowsInterruptRemapping { get; private set; }

    /// <summary>Why the table is refused; null when it is good.</summary>
    public string? Problem { get; private set; }

    /// <summary>Physical address of a unit's registers.</summary>
    public readonly ulong AddressOf(int unit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)unit, (uint)UnitCount);

        // SAFETY: the index is checked; UnitCount does not exceed the buffer.
        return _address[unit];
    }

    /// <summary>Bytes of a unit's registers: whole pages.</summary>
    public readonly ulong LengthOf(int unit)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)unit, (uint)UnitCount);

        // SAFETY: as AddressOf.
        return _length[unit];
    }

    /// <summary>The source id with which an I/O APIC's interrupts reach the units.</summary>
    /// <param name="ioApicId">The I/O APIC's id, as in the table of interrupt controllers.</param>
    /// <param name="source">Bus, device and function.</param>
    /// <returns>False when the table does not name that I/O APIC.</returns>
    public readonly bool TryGetIoApicSource(byte ioApicId, out ushort source)
    {
        for (int i = 0; i < _ioApicCount; i++)
        {
            // SAFETY: the count does not exceed the buffers.
            if (_ioApicId[i] == ioApicId)
            {
                source = _ioApicSource[i];
                return true;
            }
        }

        source = 0;
        return false;
    }

    /// <summary>Reads the table.</summary>
    /// <param name="table">The whole table, its length and checksum verified.</param>
    /// <returns>False when it is refused: <see cref="Problem"/>.</returns>
    public bool Read(ReadOnlySpan<byte> table)
    {
        this = default;
        Problem = ReadEntries(table);
        return Problem is null;
    }

    private string? ReadEntries(ReadOnlySpan<byte> table)
    {
        if (table.Length < EntriesOffset)
        {
            return "it is shorter than its header";
        }

        AllowsInterruptRemapping = (table[FlagsOffset] & InterruptRemappingFlag) != 0;
        ReadOnlySpan<byte> rest = table[EntriesOffset..];
        while (rest.Length > 0)
        {
            int length = rest.Length < EntryHeaderLength ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(rest[2..]);
            if (length < EntryHeaderLength || length > rest.Length)
            {
                return "an entry leaves it";
            }

            if (BinaryPrimitives.ReadUInt16LittleEndian(rest) == HardwareUnitType && ReadUnit(rest[..length]) is { } problem)
            {
                return problem;
            }

            rest = rest[length..];
        }

        return UnitCount == 0 ? "it names no unit" : null;
    }

    // Section 8.3: flags, size of the registers as a power of two of pages, segment, address, and the devices below it.
    private string? ReadUnit(ReadOnlySpan<byte> entry)
    {
        if (entry.Length < HardwareUnitLength)
        {
            return "a unit's entry is too short";
        }

        ulong address = BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]);
        ulong length = PageSize << (entry[5] & 0xf);
        if (address == 0 || address % PageSize != 0 || address > PhysicalEnd - length)
        {
            return "a unit's address is impossible";
        }

        if (UnitCount == MaxUnits)
        {
            return "it names more units than are supported";
        }

        // SAFETY: the indices are below UnitCount + 1, which does not exceed the buffers.
        for (int i = 0; i < UnitCount; i++)
        {
            if (address < _address[i] + _length[i] && _address[i] < address + length)
            {
                return "two units share registers";
            }
        }

        _address[UnitCount] = address;
        _length[UnitCount++] = length;
        return BinaryPrimitives.ReadUInt16LittleEndian(entry[6..]) != 0 ? "a unit serves a PCI segment that is not supported" : ReadScopes(entry[HardwareUnitLength..]);
    }

    // Section 8.3.1: type, length, enumeration id at byte 4, first bus at byte 5, then pairs of device and function.
    private string? ReadScopes(ReadOnlySpan<byte> rest)
    {
        while (rest.Length > 0)
        {
            int length = rest.Length < ScopeHeaderLength ? 0 : rest[1];
            if (length < ScopeHeaderLength || length > rest.Length)
            {
                return "a device scope leaves its unit";
            }

            // A path of more steps goes through bridges, whose bus numbers firmware may change: no I/O APIC is there.
            if (rest[0] == IoApicScope && length == ScopeHeaderLength + 2)
            {
                if (_ioApicCount == MaxIoApics)
                {
                    return "it names more I/O APICs than are supported";
                }

                // SAFETY: the index is checked just now.
                _ioApicId[_ioApicCount] = rest[4];
                _ioApicSource[_ioApicCount++] = (ushort)(rest[5] << 8 | (rest[6] & 31) << 3 | (rest[7] & 7));
            }

            rest = rest[length..];
        }

        return null;
    }
}
