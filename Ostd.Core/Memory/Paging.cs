// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>Page geometry and the bounds of user space, as the architecture has them.</summary>
public static class Paging
{
    /// <summary>Size of a page and of a frame, in bytes: 4096 on x86-64 and RISC-V, 16384 on LoongArch.</summary>
    [InterruptSafe]
    public static int PageSizeBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1 << PageShift;
    }

    /// <summary>Binary logarithm of <see cref="PageSizeBytes"/>.</summary>
    [InterruptSafe]
    public static int PageShift
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PageTableFormat.PageShift;
    }

    /// <summary>Lowest mappable user address (Linux's <c>mmap_min_addr</c>): below it every access faults.</summary>
    public static ulong UserSpaceStart => 0x10000;

    /// <summary>First address past user space.</summary>
    public static ulong UserSpaceEnd
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => PageTableFormat.UserSpaceEnd;
    }

    /// <summary>The range lies in user space (an empty one does when its start does).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsUserRange(ulong address, ulong length) => address <= UserSpaceEnd && length <= UserSpaceEnd - address;

    /// <summary>The same in one comparison: user space is larger than any such length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsUserRange(ulong address, uint length) => address <= UserSpaceEnd - length;
}
