// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>
/// The format of page tables: 4-level paging of x86-64 (Intel SDM vol. 3A, 4.5 "4-Level Paging"). An entry is a 64-bit word; 0 is
/// "nothing here". Levels count from 0, the leaf tables, to <see cref="LevelCount"/> - 1, the root.
/// </summary>
public static class PageTableFormat
{
    private const ulong Present = 1UL << 0;
    private const ulong Writable = 1UL << 1;
    private const ulong User = 1UL << 2;

    // Together they select "uncacheable" whatever the memory type range registers say: entry 3 of the page attribute table as a CPU resets it (SDM vol. 3A, 12.12.4).
    private const ulong WriteThrough = 1UL << 3;
    private const ulong CacheDisable = 1UL << 4;
    private const ulong Accessed = 1UL << 5;
    private const ulong Dirty = 1UL << 6;
    private const ulong LargePage = 1UL << 7;
    private const ulong Global = 1UL << 8;

    // Software bit (SDM: bits 9 to 11 are ignored by the CPU): a page is recorded here although no access to it is allowed (PROT_NONE).
    private const ulong Inaccessible = 1UL << 9;
    private const ulong NoExecute = 1UL << 63;
    private const ulong AddressMask = 0x000f_ffff_ffff_f000;

    /// <summary>Binary logarithm of the page size.</summary>
    [InterruptSafe]
    public static int PageShift => 12;

    /// <summary>Number of levels.</summary>
    [InterruptSafe]
    public static int LevelCount => 4;

    /// <summary>Binary logarithm of the number of entries of a table.</summary>
    [InterruptSafe]
    public static int IndexBits => 9;

    /// <summary>First address past user space. The last page below the canonical hole stays unmapped: a SYSCALL there would return to a non-canonical address.</summary>
    public static ulong UserSpaceEnd => 0x0000_7fff_ffff_f000;

    /// <summary>The root's first entry that belongs to the kernel.</summary>
    public static int KernelRootIndex => 256;

    /// <summary>Whether user space has a root table of its own that must carry a copy of the kernel's entries.</summary>
    public static bool IsKernelHalfInUserRoot => true;

    /// <summary>The entry for a next-level table.</summary>
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MakeTable(ulong physicalAddress, bool isUser) => physicalAddress | Present | Writable | (isUser ? User : 0);

    /// <summary>The entry for a user page. Without any right it is recorded but not accessible. A page that is born for a write access can be born dirty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MakeUserPage(ulong physicalAddress, bool canRead, bool canWrite, bool canExecute)
    {
        if (!(canRead | canWrite | canExecute))
        {
            return physicalAddress | Inaccessible;
        }
        return physicalAddress | Present | User | (canWrite ? Writable : 0) | (canExecute ? 0 : NoExecute);
    }

    /// <summary>The same entry, to which every access faults; the address stays in it.</summary>
    [InterruptSafe]
    public static ulong WithoutPresence(ulong entry) => entry & ~Present;

    /// <summary>Takes <see cref="WithoutPresence"/> back.</summary>
    [InterruptSafe]
    public static ulong WithPresence(ulong entry) => entry | Present;

    /// <summary>The entry for a kernel page: readable, never executable.</summary>
    [NoAlloc]
    public static ulong MakeKernelPage(ulong physicalAddress, bool canWrite) =>
        physicalAddress | Present | Global | NoExecute | Accessed | Dirty | (canWrite ? Writable : 0);

    /// <summary>The entry for a page of device registers: neither cached nor executable.</summary>
    public static ulong MakeDevicePage(ulong physicalAddress) => MakeKernelPage(physicalAddress, canWrite: true) | WriteThrough | CacheDisable;

    /// <summary>The entry for a page of the kernel's code: executable, never writable.</summary>
    public static ulong MakeKernelCode(ulong physicalAddress) => physicalAddress | Present | Global | Accessed | Dirty;

    /// <summary>Takes the right to execute away: from a page, or from all that a table entry leads to.</summary>
    public static ulong WithoutExecute(ulong entry) => entry | NoExecute;

    /// <summary>The entry for a large kernel page at level 1 (2 MiB).</summary>
    public static ulong MakeLargeKernelPage(ulong physicalAddress) =>
        physicalAddress | Present | Global | NoExecute | Accessed | Dirty | Writable | LargePage;

    /// <summary>The highest level at which <see cref="MakeLargeKernelPage"/> is possible on every CPU.</summary>
    public static int LargePageLevel => 1;

    /// <summary>The entry leads to a table or a page that an access can reach.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPresent(ulong entry) => (entry & Present) != 0;

    /// <summary>The entry, above the leaf level, is a large page.</summary>
    public static bool IsLargePage(ulong entry) => (entry & LargePage) != 0;

    /// <summary>The physical address in an entry.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [NoAlloc]
    public static ulong AddressOf(ulong entry) => entry & AddressMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanRead(ulong entry) => (entry & Present) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanWrite(ulong entry) => (entry & (Present | Writable)) == (Present | Writable);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanExecute(ulong entry) => (entry & (Present | NoExecute)) == Present;

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
    public static ulong WithoutWrite(ulong entry) => entry & ~Writable;

    /// <summary>Takes the rights of <paramref name="entry"/> from the arguments and keeps the page, accessed and dirty bits.</summary>
    public static ulong WithRights(ulong entry, bool canRead, bool canWrite, bool canExecute) =>
        MakeUserPage(entry & AddressMask, canRead, canWrite, canExecute) | (entry & (Accessed | Dirty));
}
