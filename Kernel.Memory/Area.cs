// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Ostd.Memory;

namespace Kernel.Memory;

/// <summary>What sets an area apart besides its protection.</summary>
[Flags]
internal enum AreaFlags
{
    None = 0,

    /// <summary>MAP_SHARED: writes go to the object, and fork shares the pages.</summary>
    Shared = 1,

    /// <summary>MAP_GROWSDOWN: an access below extends it.</summary>
    GrowsDown = 2,

    /// <summary>mlock(2): its pages are resident.</summary>
    Locked = 4,

    /// <summary>The file was opened for reading alone: a shared mapping may not become writable.</summary>
    NeverWritable = 8,

    /// <summary>The break's area: <c>[heap]</c>.</summary>
    Heap = 16,

    /// <summary>The first thread's stack: <c>[stack]</c>.</summary>
    Stack = 32,

    /// <summary>MADV_DONTFORK.</summary>
    NotInChild = 64,

    /// <summary>MADV_WIPEONFORK.</summary>
    EmptyInChild = 128,

    /// <summary>MAP_NORESERVE.</summary>
    NoReserve = 256,

    /// <summary>The mount of the file is noexec: it may not become executable.</summary>
    NeverExecutable = 512,
}

/// <summary>
/// A range of pages with one protection and one backing: what Linux calls a VMA. A node of the <see cref="AreaTree"/> and of the list in address order. Changed under the address space's
/// lock for writing; <see cref="Start"/>, <see cref="End"/> and <see cref="FirstPage"/> of an area with an object also under its object lock.
/// </summary>
internal sealed class Area
{
    /// <summary>First address; page-aligned.</summary>
    public ulong Start;

    /// <summary>First address past it; page-aligned.</summary>
    public ulong End;

    public PageProtection Protection;

    public AreaFlags Flags;

    /// <summary>Where pages come from; null for private anonymous memory.</summary>
    public IMemoryObject? Memory;

    /// <summary>The file behind <see cref="Memory"/>, with a reference; null for shared anonymous memory.</summary>
    public OpenFile? File;

    /// <summary>Index within <see cref="Memory"/> of the page at <see cref="Start"/>.</summary>
    public long FirstPage;

    // Links of the list in address order.
    public Area? Previous;
    public Area? Next;

    // Links of the list of areas with an object.
    public Area? PreviousObject;
    public Area? NextObject;

    // The tree's: children, height, and the largest gap before an area of the subtree.
    public Area? Left;
    public Area? Right;
    public int Height;
    public ulong MaxGap;

    public ulong Length => End - Start;

    public bool IsShared => (Flags & AreaFlags.Shared) != 0;

    /// <summary>Private and writable: its pages are the process's own memory (RLIMIT_DATA, overcommit).</summary>
    public bool IsPrivateWritable => (Protection & PageProtection.Write) != 0 && !IsShared;

    /// <summary>Free bytes between the area before and this one.</summary>
    public ulong Gap => Start - (Previous?.End ?? 0);

    /// <summary>Index within the object of the page at an address.</summary>
    public long PageAt(ulong address) => FirstPage + (long)((address - Start) >> Paging.PageShift);

    /// <summary>The two describe one continuous range.</summary>
    public bool CanMergeWith(Area next) =>
        End == next.Start && Protection == next.Protection && Flags == next.Flags && ReferenceEquals(Memory, next.Memory) && ReferenceEquals(File, next.File)
        && (Memory is null || PageAt(End) == next.FirstPage);

    /// <summary>A copy of what it describes, without links and references.</summary>
    public Area Describe() => new()
    {
        Start = Start,
        End = End,
        Protection = Protection,
        Flags = Flags,
        Memory = Memory,
        File = File,
        FirstPage = FirstPage,
    };
}
