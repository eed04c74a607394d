// SPDX-License-Identifier: MPL-2.0
using System.Runtime.InteropServices;

namespace Ostd.Arch;

/// <summary>Device registers of the hosted machine: a block of native memory behind its RAM, which tests read and write from the device's side.</summary>
public static unsafe class DeviceMemory
{
    /// <summary>Physical address of the block.</summary>
    public const ulong Start = 1UL << 32;

    /// <summary>Size of the block.</summary>
    public const ulong SizeBytes = 1UL << 20;

    /// <summary>Offset of the page that stands for an interrupt controller.</summary>
    public const ulong SensitiveOffset = 0x1_0000;

    private const ulong PageSize = 4096;

    // SAFETY: allocated once and never freed.
    private static readonly byte* s_memory = (byte*)NativeMemory.AlignedAlloc((nuint)SizeBytes, (nuint)PageSize);

    /// <summary>The host's address of a part of the block; null for what is not in it.</summary>
    // SAFETY: the range is checked against the block.
    public static byte* FixedMapping(ulong physicalAddress, ulong length) =>
        physicalAddress >= Start && length <= SizeBytes && physicalAddress - Start <= SizeBytes - length ? s_memory + (physicalAddress - Start) : null;

    /// <summary>True for the page that stands for an interrupt controller.</summary>
    public static bool IsSensitive(ulong start, ulong length) => start < Start + SensitiveOffset + PageSize && Start + SensitiveOffset < start + length;
}
