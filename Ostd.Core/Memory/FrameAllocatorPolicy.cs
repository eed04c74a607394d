// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Memory;

/// <summary>
/// The policy that chooses pages of physical memory, injected by <see cref="FrameAllocation.Install"/> and not trusted: OSTD keeps each page's state itself, and takes an answer only when every page of it exists and is
/// free. A lie is a panic.
/// </summary>
/// <remarks>
/// <para>Calls come one at a time, under OSTD's lock for free memory, with interrupts off and from any context: page faults, interrupt handlers, and the heap of objects that wants to grow. So a method must not allocate,
/// native memory included, must not sleep or throw, and must not allocate or free frames; each of these is a panic. What it needs it makes before it is installed.</para>
/// <para>It is a class and not an interface, because the first interface call at a place looks the method up and keeps what it found in native memory, which cannot be had when the heap itself asks. A policy's own interface calls
/// work, but are looked up each time.</para>
/// <para>Reserves, the count of free pages and the contents of pages are OSTD's. So is a cache of up to 512 single pages: it asks for some in turn, and gives some back when it is full, or all when there is no run that is asked for.</para>
/// </remarks>
public abstract class FrameAllocatorPolicy
{
    /// <summary>Memory that is free and that the policy has not seen before: all that is free when it is installed, in ascending order, and boot modules that are used up.</summary>
    /// <param name="firstPage">Page number of the first page; never 0.</param>
    /// <param name="pageCount">How many pages follow each other.</param>
    public abstract void AddMemory(ulong firstPage, long pageCount);

    /// <summary>Chooses free pages that follow each other. They are no longer free.</summary>
    /// <param name="pageCount">How many, at least 1 and at most <see cref="FrameAllocation.MaxPageCount"/>.</param>
    /// <param name="alignment">What the first page's number must be a multiple of: a power of two, 1 for a single page.</param>
    /// <returns>The page number of the first, or 0 when there is no such run.</returns>
    [NoAlloc]
    public abstract ulong Allocate(int pageCount, int alignment);

    /// <summary>Pages that <see cref="Allocate"/> chose are free again; those of a run may come one by one, at any time.</summary>
    /// <param name="firstPage">Page number of the first page.</param>
    /// <param name="pageCount">How many pages follow each other.</param>
    [InterruptSafe]
    public abstract void Free(ulong firstPage, int pageCount);
}
