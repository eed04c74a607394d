// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch.Acpi;

/// <summary>Physical memory as far as it may be read for firmware tables. What lies outside is refused, so that a wrong address in a table does no harm.</summary>
// SAFETY: who makes one vouches that length bytes from the start stay readable; every read is checked against them.
internal readonly unsafe struct AcpiMemory(byte* start, ulong length)
{
    /// <summary>A part of it.</summary>
    /// <returns>False when the range is not within the memory.</returns>
    public bool TryRead(ulong address, uint count, out ReadOnlySpan<byte> bytes)
    {
        if (count > int.MaxValue || address > length || count > length - address)
        {
            bytes = default;
            return false;
        }

        bytes = new ReadOnlySpan<byte>(start + address, (int)count);
        return true;
    }
}
