// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Memory;

/// <summary>Access rights of a user page.</summary>
[Flags]
public enum PageProtection : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Execute = 4,
}

/// <summary>The access that faulted.</summary>
public enum PageFaultAccess : byte
{
    Read,
    Write,
    Execute,
}

/// <summary>Resolves page faults of a <see cref="VmSpace"/>. Runs in task context with interrupts on; may sleep.</summary>
public interface IPageFaultHandler
{
    /// <summary>Makes the page accessible.</summary>
    /// <returns>True to retry the access; false when it is not allowed (the copy stops short).</returns>
    bool HandlePageFault(ulong address, PageFaultAccess access);
}

/// <summary>One mapped page, as a cursor sees it.</summary>
public readonly record struct PageMapping(Frame Frame, PageProtection Protection, bool IsAccessed, bool IsDirty);

/// <summary>
/// A user address space: page tables over untyped frames. A mapping holds one reference to its frame. Changes go through a cursor, which locks
/// the page tables (a spinning lock: no sleeping while one is open); the TLBs of all CPUs that run the space are flushed before the
/// frames of removed mappings are released.
/// </summary>
public sealed class VmSpace : IDisposable
{
    /// <summary>Creates an empty space that shares the kernel's half.</summary>
    public static bool TryCreate(out VmSpace? space) => throw new NotSupportedException();

    /// <summary>Who resolves the faults of kernel copies from and to this space.</summary>
    public IPageFaultHandler? FaultHandler { get; set; }

    /// <summary>Makes this the current task's address space, now and whenever the task is switched in.</summary>
    public void Activate() => throw new NotSupportedException();

    /// <summary>Detaches the current task from any user space (it then has none).</summary>
    public static void Deactivate() => throw new NotSupportedException();

    /// <summary>Opens a cursor at a page-aligned address.</summary>
    public VmCursor Open(ulong address) => throw new NotSupportedException();

    /// <summary>Bytes that the page tables of this space take.</summary>
    public long PageTableBytes => throw new NotSupportedException();

    /// <summary>Unmaps all and frees the page tables. The space must not be active on any CPU.</summary>
    public void Dispose() => throw new NotSupportedException();
}

/// <summary>A position in a <see cref="VmSpace"/> whose page tables it keeps locked until disposed.</summary>
public ref struct VmCursor
{
    /// <summary>The page-aligned user address it stands at.</summary>
    public readonly ulong Address => throw new NotSupportedException();

    /// <summary>Goes to another page-aligned address.</summary>
    public void MoveTo(ulong address) => throw new NotSupportedException();

    /// <summary>Looks at the page here. The mapping's frame is not shared for the caller: call <see cref="Frame.Share"/> before the cursor closes to keep it.</summary>
    public readonly bool TryQuery(out PageMapping mapping) => throw new NotSupportedException();

    /// <summary>Finds the next mapped page at or after here and before <paramref name="end"/>, and moves there (skips empty tables at once).</summary>
    public bool FindNext(ulong end, out PageMapping mapping) => throw new NotSupportedException();

    /// <summary>Maps a frame here, taking over one reference of the caller's; replaces what was mapped. Moves on by one page.</summary>
    /// <returns>False when no memory is left for a page table (the caller keeps its reference).</returns>
    public bool TryMap(Frame frame, PageProtection protection) => throw new NotSupportedException();

    /// <summary>Unmaps <paramref name="length"/> bytes and moves past them; the frames are released when the TLBs are flushed.</summary>
    /// <returns>Number of pages that were mapped.</returns>
    public long Unmap(ulong length) => throw new NotSupportedException();

    /// <summary>Sets the protection of what is mapped in the next <paramref name="length"/> bytes and moves past them.</summary>
    public void Protect(ulong length, PageProtection protection) => throw new NotSupportedException();

    /// <summary>
    /// Copies the mappings of <paramref name="length"/> bytes into <paramref name="destination"/> for fork: frames are shared and, where <paramref name="copyOnWrite"/>, made
    /// read-only on both sides. Moves past them.
    /// </summary>
    /// <returns>Pages copied, or -1 when no memory was left for page tables.</returns>
    public long CopyTo(VmSpace destination, ulong length, bool copyOnWrite) => throw new NotSupportedException();

    /// <summary>Flushes what is due and unlocks.</summary>
    public void Dispose() => throw new NotSupportedException();
}
