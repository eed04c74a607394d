// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;

namespace Ostd.Hosting;

/// <summary>The hosted machine's device registers, from the device's side. They are memory: what is written stays there, and nothing happens by itself.</summary>
public static unsafe class DeviceRegisters
{
    /// <summary>Physical address of the first register.</summary>
    public static ulong Start => DeviceMemory.Start;

    /// <summary>Where registers lie that no driver may have.</summary>
    public static ulong Sensitive => DeviceMemory.Start + DeviceMemory.SensitiveOffset;

    /// <summary>A part of the registers.</summary>
    // SAFETY: the mapping is null for what does not lie within the block, which is never freed.
    public static Span<byte> Of(ulong address, int length)
    {
        byte* mapping = DeviceMemory.FixedMapping(address, (ulong)length);
        return mapping is not null ? new Span<byte>(mapping, length) : throw new ArgumentOutOfRangeException(nameof(address));
    }
}
