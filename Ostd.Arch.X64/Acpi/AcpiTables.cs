// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;

namespace Ostd.Arch.Acpi;

/// <summary>
/// Finds the firmware's description tables (ACPI specification 6.4, section 5.2). Signatures, lengths and checksums are verified; what does not hold is as if it were not there.
/// </summary>
internal static class AcpiTables
{
    /// <summary>Length of the header that every table begins with (section 5.2.6).</summary>
    public const int HeaderLength = 36;

    private const int RootPointerLength = 20;
    private const int ExtendedRootPointerLength = 36;
    private const int MaxTableLength = 1 << 20;
    private const ulong BiosAreaStart = 0xe_0000;
    private const ulong BiosAreaEnd = 0x10_0000;
    private const ulong EbdaSegmentPointer = 0x40e;
    private const int EbdaSearchLength = 1024;

    /// <summary>Finds a table.</summary>
    /// <param name="memory">Where to read.</param>
    /// <param name="rootPointer">Address of the root pointer as the boot loader told it; 0 to search for it where a BIOS puts it.</param>
    /// <param name="signature">The table's four letters.</param>
    /// <param name="table">The whole table, header included.</param>
    public static bool TryFind(in AcpiMemory memory, ulong rootPointer, ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> table)
    {
        table = default;
        if (!TryReadRootPointer(memory, rootPointer, out ReadOnlySpan<byte> root) && !TrySearchRootPointer(memory, out root))
        {
            return false;
        }

        // The 64-bit list comes with revision 2 (section 5.2.5.3); the 32-bit one is the fallback.
        ulong extended = root.Length >= ExtendedRootPointerLength ? BinaryPrimitives.ReadUInt64LittleEndian(root[24..]) : 0;
        if (extended != 0 && TryReadTable(memory, extended, "XSDT"u8, out ReadOnlySpan<byte> list))
        {
            return TryFindInList(memory, list, sizeof(ulong), signature, out table);
        }

        return TryReadTable(memory, BinaryPrimitives.ReadUInt32LittleEndian(root[16..]), "RSDT"u8, out list)
            && TryFindInList(memory, list, sizeof(uint), signature, out table);
    }

    private static bool TryFindInList(
        in AcpiMemory memory, ReadOnlySpan<byte> list, int entrySize, ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> table)
    {
        for (ReadOnlySpan<byte> rest = list[HeaderLength..]; rest.Length >= entrySize; rest = rest[entrySize..])
        {
            ulong address = entrySize == sizeof(ulong) ? BinaryPrimitives.ReadUInt64LittleEndian(rest) : BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (TryReadTable(memory, address, signature, out table))
            {
                return true;
            }
        }

        table = default;
        return false;
    }

    private static bool TryReadTable(in AcpiMemory memory, ulong address, ReadOnlySpan<byte> signature, out ReadOnlySpan<byte> table)
    {
        table = default;
        if (!memory.TryRead(address, HeaderLength, out ReadOnlySpan<byte> header) || !header.StartsWith(signature))
        {
            return false;
        }

        uint length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        return length is >= HeaderLength and <= MaxTableLength && memory.TryRead(address, length, out table) && HasValidChecksum(table);
    }

    private static bool TryReadRootPointer(in AcpiMemory memory, ulong address, out ReadOnlySpan<byte> root)
    {
        root = default;
        if (address == 0 || !memory.TryRead(address, RootPointerLength, out ReadOnlySpan<byte> first)
            || !first.StartsWith("RSD PTR "u8) || !HasValidChecksum(first))
        {
            return false;
        }

        root = first;
        const int revisionOffset = 15;
        if (first[revisionOffset] >= 2 && memory.TryRead(address, ExtendedRootPointerLength, out ReadOnlySpan<byte> extended) && HasValidChecksum(extended))
        {
            root = extended;
        }

        return true;
    }

    // Section 5.2.5.1: on 16-byte boundaries in the first KiB of the extended BIOS data area and in the BIOS area.
    private static bool TrySearchRootPointer(in AcpiMemory memory, out ReadOnlySpan<byte> root)
    {
        if (memory.TryRead(EbdaSegmentPointer, sizeof(ushort), out ReadOnlySpan<byte> segment))
        {
            ulong start = (ulong)BinaryPrimitives.ReadUInt16LittleEndian(segment) << 4;
            if (start != 0 && TrySearchRange(memory, start, start + EbdaSearchLength, out root))
            {
                return true;
            }
        }

        return TrySearchRange(memory, BiosAreaStart, BiosAreaEnd, out root);
    }

    private static bool TrySearchRange(in AcpiMemory memory, ulong start, ulong end, out ReadOnlySpan<byte> root)
    {
        for (ulong address = start; address < end; address += 16)
        {
            if (TryReadRootPointer(memory, address, out root))
            {
                return true;
            }
        }

        root = default;
        return false;
    }

    private static bool HasValidChecksum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte value in bytes)
        {
            sum += value;
        }

        return sum == 0;
    }
}
