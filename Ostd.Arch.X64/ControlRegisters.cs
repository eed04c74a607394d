// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>CR0, CR2, CR3 and CR4 (SDM volume 3, section 2.5).</summary>
internal static class ControlRegisters
{
    public const ulong Cr0WriteProtect = 1 << 16;
    public const ulong Cr4PageGlobal = 1 << 7;
    public const ulong Cr4Umip = 1 << 11;
    public const ulong Cr4Smep = 1 << 20;
    public const ulong Cr4Smap = 1 << 21;

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadCr0")]
    public static extern ulong ReadCr0();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteCr0")]
    public static extern void WriteCr0(ulong value);

    /// <summary>The address of the latest page fault.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadCr2")]
    [InterruptSafe]
    public static extern ulong ReadCr2();

    /// <summary>Physical address of the page-table root, with flags in the low bits.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadCr3")]
    public static extern ulong ReadCr3();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteCr3")]
    public static extern void WriteCr3(ulong value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadCr4")]
    public static extern ulong ReadCr4();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteCr4")]
    public static extern void WriteCr4(ulong value);
}
