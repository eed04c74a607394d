// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>
/// The format of page tables. The CPU walks none: the refill code (Stubs/refill.S) does, in this format, and puts an entry into the TLB as it is (LoongArch Reference Manual 1.10, volume 1, section 5.4.5). An entry is a 64-bit
/// word; 0 is "nothing here". Levels count from 0, the leaf tables, to <see cref="LevelCount"/> - 1, the root. Three levels of 2048 entries, and 16 KiB pages: 47 bits of addresses, for each half a root of its own.
/// </summary>
/// <remarks>The CPU keeps no accessed and dirty bits, but asks before the first access and the first write: its bits for "valid" and "may be written" are set by the code of the TLB's exceptions then (Stubs/refill.S,
/// Stubs/trap.S), which notes the access in software bits beside. What may be done is in software bits too.</remarks>
public static class PageTableFormat
{
    private const ulong Valid = 1UL << 0;
    private const ulong Writable = 1UL << 1;
    private const ulong User = 3UL << 2;
    private const ulong Cached = 1UL << 4;
    private const ulong Global = 1UL << 6;
    private const ulong NoExecute = 1UL << 62;

    // Software bits: the CPU ignores what lies between the flags and the page number.
    private const ulong Present = 1UL << 7;
    private const ulong Write = 1UL << 8;

    // A page is recorded here although no access to it is allowed (PROT_NONE).
    private const ulong Inaccessible = 1UL << 9;
    private const ulong Dirty = 1UL << 10;
    private const ulong Accessed = 1UL << 11;

    private const ulong AddressMask = 0x0000_ffff_ffff_c000;

    /// <summary>Binary logarithm of the page size.</summary>
    [InterruptSafe]
    public static int PageShift => 14;

    /// <summary>Number of levels.</summary>
    [InterruptSafe]
    public static int LevelCount => 3;

    /// <summary>Binary logarithm of the number of entries of a table.</summary>
    [InterruptSafe]
    public static int IndexBits => 11;

    /// <summary>First address past user space: the lower half, less one page as on the other architectures.</summary>
    public static ulong UserSpaceEnd => 0x0000_7fff_ffff_c000;

    /// <summary>The root's first entry that belongs to the kernel: none, the kernel has a root of its own.</summary>
    public static int KernelRootIndex => 1 << IndexBits;

    /// <summary>Whether user space has a root table of its own that must carry a copy of the kernel's entries.</summary>
    public static bool IsKernelHalfInUserRoot => false;

    /// <summary>The entry for a next-level table. Rights stand in the leaves alone.</summary>
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MakeTable(ulong physicalAddress, bool isUser) => physicalAddress | Present;

    /// <summary>The entry for a user page. Without any right it is recorded but not accessible; with any it can be read, as on Linux (LoongArch, <c>protection_map</c>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MakeUserPage(ulong physicalAddress, bool canRead, bool canWrite, bool canExecute) => !(canRead | canWrite | canExecute)
        ? physicalAddress | Inaccessible
        : physicalAddress | Present | User | Cached | (canWrite ? Write : 0) | (canExecute ? 0 : NoExecute);

    /// <summary>The same entry, to which every access faults; the address stays in it.</summary>
    [InterruptSafe]
    public static ulong WithoutPresence(ulong entry) => entry & ~(Present | Valid);

    /// <summary>Takes <see cref="WithoutPresence"/> back.</summary>
    [InterruptSafe]
    public static ulong WithPresence(ulong entry) => entry | Present | Valid;

    /// <summary>The entry for a kernel page: readable, never executable.</summary>
    [NoAlloc]
    public static ulong MakeKernelPage(ulong physicalAddress, bool canWrite) => physicalAddress | Present | Valid | Accessed | Dirty | Cached | Global | NoExecute | (canWrite ? Write | Writable : 0);

    /// <summary>The entry for a page of device registers: strongly ordered, uncached.</summary>
    public static ulong MakeDevicePage(ulong physicalAddress) => MakeKernelPage(physicalAddress, canWrite: true) & ~Cached;

    /// <summary>The entry for a page of the kernel's code: executable, never writable.</summary>
    public static ulong MakeKernelCode(ulong physicalAddress) => physicalAddress | Present | Valid | Accessed | Dirty | Cached | Global;

    /// <summary>Takes the right to execute away from a page. A table entry has no rights: what it leads to was made without this one.</summary>
    public static ulong WithoutExecute(ulong entry) => entry | NoExecute;

    /// <summary>The entry for a large kernel page: there are none, since the linear map, which they are for, needs no tables.</summary>
    public static ulong MakeLargeKernelPage(ulong physicalAddress) => MakeKernelPage(physicalAddress, canWrite: true);

    /// <summary>The highest level at which <see cref="MakeLargeKernelPage"/> is possible on every CPU.</summary>
    public static int LargePageLevel => 0;

    /// <summary>The entry leads to a table or a page that an access can reach.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPresent(ulong entry) => (entry & Present) != 0;

    /// <summary>The entry, above the leaf level, is a large page.</summary>
    public static bool IsLargePage(ulong entry) => false;

    /// <summary>The physical address in an entry.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [NoAlloc]
    public static ulong AddressOf(ulong entry) => entry & AddressMask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanRead(ulong entry) => (entry & Present) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanWrite(ulong entry) => (entry & (Present | Write)) == (Present | Write);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool CanExecute(ulong entry) => (entry & (Present | NoExecute)) == Present;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsAccessed(ulong entry) => (entry & Accessed) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDirty(ulong entry) => (entry & Dirty) != 0;

    /// <summary>Sets the accessed bit, and the dirty bit too where <paramref name="isWrite"/>: what the trap code does at an access.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WithAccess(ulong entry, bool isWrite) => entry | Valid | Accessed | (isWrite ? Writable | Dirty : 0);

    /// <summary>Takes the accessed and dirty bits away.</summary>
    public static ulong WithoutAccess(ulong entry) => entry & ~(Valid | Writable | Accessed | Dirty);

    /// <summary>Takes the right to write away.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong WithoutWrite(ulong entry) => entry & ~(Write | Writable);

    /// <summary>Takes the rights of <paramref name="entry"/> from the arguments and keeps the page, accessed and dirty bits.</summary>
    public static ulong WithRights(ulong entry, bool canRead, bool canWrite, bool canExecute) =>
        MakeUserPage(AddressOf(entry), canRead, canWrite, canExecute) | (entry & (Accessed | Dirty));
}
