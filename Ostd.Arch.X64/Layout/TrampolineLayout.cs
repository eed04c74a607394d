// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>
/// The page below 1 MiB in which further CPUs begin, in real mode. Its place is fixed, so that its code can be assembled for it: conventional memory that no firmware
/// keeps for itself (0x500 to 0x9fbff on a PC).
/// </summary>
internal static class TrampolineLayout
{
    /// <summary>Physical address of the page.</summary>
    public const int Address = 0x8000;

    /// <summary>Where the 32-bit code begins in the page.</summary>
    public const int ProtectedMode = 0x80;

    /// <summary>Where the 64-bit code begins.</summary>
    public const int LongMode = 0x100;

    /// <summary>The descriptor table: nothing, 64-bit code, data, 32-bit code.</summary>
    public const int Gdt = 0x180;

    /// <summary>What LGDT reads.</summary>
    public const int GdtPointer = 0x1a0;

    /// <summary>Filled in at run time: physical address of the page table that maps this page to itself. 64 bits.</summary>
    public const int Root = 0x1a8;

    /// <summary>Filled in at run time: where to go in the kernel. 64 bits.</summary>
    public const int Entry = 0x1b0;

    /// <summary>Length of code and data.</summary>
    public const int Length = 0x1b8;
}
