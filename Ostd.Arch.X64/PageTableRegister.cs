// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The page-table root that this CPU uses, and its TLB.</summary>
public static class PageTableRegister
{
    /// <summary>Physical address of the root table in use.</summary>
    [InterruptSafe]
    public static ulong Root => ControlRegisters.ReadCr3() & 0x000f_ffff_ffff_f000;

    /// <summary>Switches to another root; entries of the old one that are not global leave the TLB.</summary>
    [InterruptSafe]
    public static void Load(ulong rootPhysical) => ControlRegisters.WriteCr3(rootPhysical);

    /// <summary>Drops the translation of one page.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchInvalidatePage")]
    public static extern void FlushPage(ulong virtualAddress);

    /// <summary>Drops all translations that are not global.</summary>
    [InterruptSafe]
    public static void FlushUser() => ControlRegisters.WriteCr3(ControlRegisters.ReadCr3());

    /// <summary>Drops all translations, the kernel's global ones too (SDM volume 3, section 4.10.4.1: a change of CR4.PGE).</summary>
    [InterruptSafe]
    public static void FlushAll()
    {
        ulong cr4 = ControlRegisters.ReadCr4();
        ControlRegisters.WriteCr4(cr4 & ~ControlRegisters.Cr4PageGlobal);
        ControlRegisters.WriteCr4(cr4);
    }
}
