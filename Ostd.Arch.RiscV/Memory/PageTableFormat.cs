// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>
/// The format of page tables: Sv48 (RISC-V Privileged Architecture 1.12, section 4.5), 4 levels as on x86-64. An entry is a 64-bit word; 0 is "nothing here". Levels count from 0, the leaf tables, to
/// <see cref="LevelCount"/> - 1, the root.
/// </summary>
public static class PageTableFormat
{
    private const ulong Valid = 1UL << 0;
    private const ulong Read = 1UL << 1;
    private const ulong Write = 1UL << 2;
    private const ulong Execute = 1UL << 3;
    private const ulong User = 1UL << 4;
    private const ulong Global = 1UL << 5;
    private const ulong Accessed = 1UL << 6;
    private const ulong Dirty = 1UL << 7;

    // Software bit (RSW): a page is recorded here although no access to it is allowed (PROT_NONE).
    private const ulong Inaccessible = 1UL << 8;

    // The page number stands two bits lower than the address.
    private const int NumberShift = 2;
    private const ulong NumberMask = 0x003f_ffff_ffff_fc00;

    /// <summary>Binary logarithm of the page size.</summary>
    [InterruptSafe]
    public static int PageShift => 12;

    /// <summary>Number of levels.</summary>
    [InterruptSafe]
    public static int LevelCount => 4;

    /// <summary>Binary logarithm of the number of entries of a table.</summary>
    [InterruptSafe]
    public static int IndexBits => 9;

    /// <summary>First address past user space: the lower half, less one page as on x86-64.</summary>
    public static ulong UserSpaceEnd => 0x0000_7fff_ffff_f000;

    /// <summary>The root's first entry that belongs to the kernel.</summary>
    public static int KernelRootIndex => 256;

    /// <summary>Whether user space has a root table of its own that must carry a copy of the kernel's entries.</summary>
    public static bool IsKernelHalfInUserRoot => true;

    /// <summary>The entry for a next-level table. Rights stand in the leaves alone.</summary>
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MakeTable(ulong physicalAddress, bool isUser) => (physicalAddress >> NumberShift) | Valid;

    /// <summary>The entry for a user page. Without any right it is recorded but not accessible. A page that can be written can be read: the other encoding is reserved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MakeUserPage(ulong physicalAddress, bool canRead, bool canWrite, bool canExecute)
    {
        ulong number = physicalAddress >> NumberShift;
        return !(canRead | canWrite | canExecute) ? number | Inaccessible
            : number | Valid | User | (canRead | canWrite ? Read : 0) | (canWrite ? Write : 0) | (canExecute ? Execute : 0);
    }

    /// <summary>The same entry, to which every access faults; the address stays in it.</summary>
    [InterruptSafe]
    public static ulong WithoutPresence(ulong entry) => entry & ~Valid;

    /// <summary>Takes <see cref="WithoutPresence"/> back.</summary>
    [InterruptSafe]
    public static ulong WithPresence(ulong entry) => entry | Valid;

    /// <summary>The entry for a kernel page: readable, never executable.</summary>
    [NoAlloc]
    public static ulong MakeKernelPage(ulong physicalAddress, bool canWrite) =>
        (physicalAddress >> NumberShift) | Valid | Read | Global | Accessed | Dirty | (canWrite ? Write : 0);

    /// <summary>The entry for a page of device registers. What is a device's and not cached is fixed by physical address (PMA, section 3.6).</summary>
    public static ulong MakeDevicePage(ulong physicalAddress) => MakeKernelPage(physicalAddress, canWrite: true);

    /// <summary>The entry for a page of the kernel's code: executable, never writable.</summary>
    public static ulong MakeKernelCode(ulong physicalAddress) => (physicalAddress >> NumberShift) | Valid | Read | Execute | Global | Accessed | Dirty;

    /// <summary>Takes the right to execute away from a page. A table entry has no rights: what it leads to was made without this one.</summary>
    public static ulong WithoutExecute(ulong entry) => entry & ~Execute;

    /// <summary>The entry for a large kernel page at level 1 (2 MiB).</summary>
    public static ulong MakeLargeKernelPage(ulong physicalAddress) => MakeKernelPage(physicalAddress, canWrite: true);

    /// <summary>The highest level at which <see cref="MakeLargeKernelPage"/> is possible on every CPU.</summary>
    public static int LargePageLevel => 1;

    /// <summary>The entry leads to a table or a page that an access can reach.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPresent(ulong entry) => (entry & Valid) != 0;

    /// <summary>The entry, above the leaf level, is a large page.</summary>
    public static bool IsLargePage(ulong entry) => (entry & (Read | Write | Execute)) != 0;

    /// <summary>The physical address in an entry.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [NoAlloc]
    public static ulong AddressOf(ulong entry) => (entry & NumberMask) << NumberShift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanRead(ulong entry) => (entry & (Valid | Read)) == (Valid | Read);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanWrite(ulong entry) => (entry & (Valid | Write)) == (Valid | Write);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanExecute(ulong entry) => (entry & (Valid | Execute)) == (Valid | Execute);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAccessed(ulong entry) => (entry & Accessed) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDirty(ulong entry) => (entry & Dirty) != 0;

    /// <summary>Sets the accessed bit, and the dirty bit too where <paramref name="isWrite"/>: what the CPU does at an access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WithAccess(ulong entry, bool isWrite) => entry | Accessed | (isWrite ? Dirty : 0);

    /// <summary>Takes the accessed and dirty bits away.</summary>
    public static ulong WithoutAccess(ulong entry) => entry & ~(Accessed | Dirty);

    /// <summary>Takes the right to write away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WithoutWrite(ulong entry) => entry & ~Write;

    /// <summary>Takes the rights of <paramref name="entry"/> from the arguments and keeps the page, accessed and dirty bits.</summary>
    public static ulong WithRights(ulong entry, bool canRead, bool canWrite, bool canExecute) =>
        MakeUserPage(AddressOf(entry), canRead, canWrite, canExecute) | (entry & (Accessed | Dirty));
}
