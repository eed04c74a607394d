// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The page-table root that this CPU uses, and its TLB.</summary>
public static class PageTableRegister
{
    private const ulong ModeSv48 = 9UL << 60;
    private const ulong NumberMask = (1UL << 44) - 1;

    /// <summary>Physical address of the root table in use.</summary>
    [InterruptSafe]
    public static ulong Root => (ReadSatp() & NumberMask) << 12;

    /// <summary>Switches to another root; nothing of the old one stays in the TLB.</summary>
    [InterruptSafe]
    public static void Load(ulong rootPhysical) => WriteSatp(ModeSv48 | (rootPhysical >> 12));

    /// <summary>Drops the translation of one page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidatePage")]
    public static extern void FlushPage(ulong virtualAddress);

    /// <summary>Drops all translations.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidateAll")]
    public static extern void FlushUser();

    /// <summary>Drops all translations.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidateAll")]
    public static extern void FlushAll();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadSatp")]
    private static extern ulong ReadSatp();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWriteSatp")]
    private static extern void WriteSatp(ulong value);
}
