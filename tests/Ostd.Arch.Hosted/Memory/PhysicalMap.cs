// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ostd.Arch;

/// <summary>Physical memory of the hosted machine: one block of native memory, addressed from 0.</summary>
public static unsafe class PhysicalMap
{
    /// <summary>Size of the hosted machine's memory.</summary>
    public const ulong SizeBytes = 512UL << 20;

    // SAFETY: allocated once and never freed; the host commits it page by page as it is touched.
    private static readonly byte* s_memory = (byte*)NativeMemory.AlignedAlloc((nuint)SizeBytes, 1 << 21);

    /// <summary>Host address of physical address 0.</summary>
    public static ulong Base => (ulong)s_memory;

    /// <summary>The host has the memory mapped already.</summary>
    public static bool IsInPageTables => false;

    /// <summary>The hosted kernel has no image of its own.</summary>
    public static ulong KernelImageOffset => 0;

    /// <summary>The host's address of a physical address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    // SAFETY: plain address arithmetic; the caller proves that the memory is its own.
    public static byte* ToPointer(ulong physicalAddress) => s_memory + physicalAddress;

    /// <summary>The physical address behind a host address.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ToPhysical(void* address) => (ulong)((byte*)address - s_memory);
}
