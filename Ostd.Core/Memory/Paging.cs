// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>Page geometry and the bounds of user space, as the architecture has them.</summary>
public static class Paging
{
    /// <summary>Size of a page and of a frame, in bytes: 4096 on x86-64 and RISC-V, 16384 on LoongArch.</summary>
    public static int PageSizeBytes => 1 << PageShift;

    /// <summary>Binary logarithm of <see cref="PageSizeBytes"/>.</summary>
    public static int PageShift => throw new System.NotSupportedException();

    /// <summary>Lowest mappable user address (Linux's <c>mmap_min_addr</c>): below it every access faults.</summary>
    public static ulong UserSpaceStart => 0x10000;

    /// <summary>First address past user space.</summary>
    public static ulong UserSpaceEnd => throw new System.NotSupportedException();
}
