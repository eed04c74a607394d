// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;

namespace Ostd.Memory;

/// <summary>
/// A reference-counted handle to one untyped page of physical memory. The handle is a page number and a generation, checked against
/// the frame's metadata at each use: a stale or doubly released handle throws <see cref="InvalidOperationException"/> and never
/// touches somebody else's page. <c>default</c> is the null handle.
/// </summary>
/// <remarks>
/// Whatever clients do with handles (copy, release too often, race), a page stays an untyped one while a page table maps it or a copy touches it: these references are the framework's own
/// (<see cref="FrameSlot"/>), and no handle can release them.
/// </remarks>
public readonly struct Frame : IEquatable<Frame>
{
    // Low half: page number. High half: generation, never 0 in a true handle.
    private readonly ulong _handle;

    private Frame(uint pageNumber, uint generation) => _handle = ((ulong)generation << 32) | pageNumber;

    /// <summary>True for <c>default</c>: no frame.</summary>
    public bool IsNull
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _handle == 0;
    }

    /// <summary>Physical page number.</summary>
    public ulong PageNumber
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (uint)_handle;
    }

    /// <summary>How many references to the frame are held, page-table mappings included.</summary>
    public int ReferenceCount
    {
        get
        {
            long word = CheckedWord();
            return FrameSlot.HandlesOf(word) + FrameSlot.InternalOf(word);
        }
    }

    private uint Page => (uint)_handle;

    private uint Generation => (uint)(_handle >> 32);

    /// <summary>The physical address, for page tables.</summary>
    internal ulong PhysicalAddress
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (ulong)Page << PageTableFormat.PageShift;
    }

    /// <summary>The handle of a page that is known to be an untyped frame in use: one that a page table maps, whose reference keeps it so.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Frame FromMapping(ulong physicalAddress)
    {
        uint page = (uint)(physicalAddress >> PageTableFormat.PageShift);
        return new Frame(page, FrameTable.Slot(page).Generation);
    }

    /// <summary>Takes one more reference for a page table to a frame that one maps. The table's lock is held, so that its reference cannot go meanwhile.</summary>
    /// <returns>False when there are too many.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool TryShareMapped(ulong physicalAddress)
    {
        ref FrameSlot slot = ref FrameTable.Slot((uint)(physicalAddress >> PageTableFormat.PageShift));
        if (FrameSlot.InternalOf(Volatile.Read(ref slot.Word)) >= FrameSlot.MaxMappings)
        {
            return false;
        }
        Interlocked.Add(ref slot.Word, FrameSlot.OneInternal);
        return true;
    }

    /// <summary>Allocates one frame filled with zeros, with a reference count of one.</summary>
    /// <returns>False when physical memory is exhausted.</returns>
    public static unsafe bool TryAllocate(out Frame frame)
    {
        if (!TryAllocateUninitialized(out frame))
        {
            return false;
        }
        // SAFETY: the page is ours alone; its handle has not been given out yet.
        PageOperations.Zero(FrameTable.AddressOf(frame.Page));
        return true;
    }

    /// <summary>Allocates one frame whose contents are unspecified (for a caller that overwrites all of it).</summary>
    public static bool TryAllocateUninitialized(out Frame frame)
    {
        uint page = FrameAllocator.AllocatePage(FrameState.Untyped);
        if (page == 0)
        {
            frame = default;
            return false;
        }
        frame = FromAllocation(page);
        return true;
    }

    /// <summary>The handle of a page that the allocator has just made an untyped frame with one reference, the caller's.</summary>
    internal static Frame FromAllocation(uint page) => new(page, FrameTable.Slot(page).Generation);

    /// <summary>Takes one more reference and returns the same handle.</summary>
    public Frame Share()
    {
        ref FrameSlot slot = ref CheckedSlot(out long word);
        while (true)
        {
            if (FrameSlot.HandlesOf(word) == FrameSlot.MaxHandles)
            {
                Boot.Panic.Halt("frame reference count overflow");
            }
            long seen = Interlocked.CompareExchange(ref slot.Word, word + 1, word);
            if (seen == word)
            {
                return this;
            }
            word = CheckedWord();
        }
    }

    /// <summary>Gives one reference back; the last one frees the frame.</summary>
    /// <exception cref="InvalidOperationException">No client holds a reference: what is left belongs to page tables.</exception>
    public void Release()
    {
        // The usual case, in one comparison: the current handle, one reference of a client's, none of the framework's.
        uint page = Page;
        if (page < FrameTable.Count)
        {
            ref FrameSlot only = ref FrameTable.Slot(page);
            long held = (long)(_handle >> 32 << FrameSlot.GenerationShift) + FrameState.Untyped;
            if (Volatile.Read(ref only.Word) == held
                && Interlocked.CompareExchange(ref only.Word, FrameSlot.MakeWord(FrameState.Busy, FrameSlot.NextGeneration(Generation)), held) == held)
            {
                FrameAllocator.FreePage(page);
                return;
            }
        }

        ReleaseShared();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReleaseShared()
    {
        ref FrameSlot slot = ref CheckedSlot(out long word);
        while (true)
        {
            if (SafetyChecks.AreOn && FrameSlot.HandlesOf(word) == 0)
            {
                ThrowStale();
            }
            long seen = Interlocked.CompareExchange(ref slot.Word, word - 1, word);
            if (seen == word)
            {
                FreeIfUnused(Page, word - 1);
                return;
            }
            word = CheckedWord();
        }
    }

    /// <summary>Turns one of the client's references into one of the framework's, that of a page table or of a copy.</summary>
    /// <returns>False when the framework holds too many.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool TryHandOver() => TryTakeInternal(FrameSlot.OneInternal - 1, FrameSlot.MaxMappings);

    /// <summary>Takes a reference of the framework's own for as long as a copy lasts: whoever releases the handle meanwhile does not free the page under it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Pin()
    {
        uint page = Page;
        if (page < FrameTable.Count)
        {
            // What is left of the word without the generation: from 1 up to the limit when the handle is the current one of a frame in use, and outside of that for another generation or a state.
            ref FrameSlot slot = ref FrameTable.Slot(page);
            long word = Volatile.Read(ref slot.Word);
            ulong counts = (ulong)(word - (long)(_handle >> 32 << FrameSlot.GenerationShift));
            if (counts - 1 < ((ulong)FrameSlot.MaxInternal << 16) - 1 && Interlocked.CompareExchange(ref slot.Word, word + FrameSlot.OneInternal, word) == word)
            {
                return;
            }
        }

        PinContended();
    }

    // Somebody else changed the word meanwhile, or the handle is not good.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PinContended()
    {
        if (!TryTakeInternal(FrameSlot.OneInternal, FrameSlot.MaxInternal))
        {
            Boot.Panic.Halt("frame reference count overflow");
        }
    }

    /// <summary>Gives a reference of the framework's back: <see cref="Pin"/>, <see cref="TryHandOver"/> or <see cref="TryShareMapped"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Unpin() => FreeIfUnused(Page, Interlocked.Add(ref FrameTable.Slot(Page).Word, -FrameSlot.OneInternal));

    /// <summary>Copies bytes out of the frame.</summary>
    public unsafe void Read(int offset, Span<byte> destination)
    {
        byte* at = PinAt(offset, destination.Length);

        // SAFETY: pinned, so that the page stays an untyped one; the range lies within it.
        new ReadOnlySpan<byte>(at, destination.Length).CopyTo(destination);
        UnpinAfterAccess();
    }

    /// <summary>Copies bytes into the frame.</summary>
    public unsafe void Write(int offset, ReadOnlySpan<byte> source)
    {
        byte* at = PinAt(offset, source.Length);

        // SAFETY: as Read.
        source.CopyTo(new Span<byte>(at, source.Length));
        UnpinAfterAccess();
    }

    /// <summary>Fills a part of the frame.</summary>
    public unsafe void Fill(int offset, int length, byte value)
    {
        byte* at = PinAt(offset, length);

        // SAFETY: as Read.
        new Span<byte>(at, length).Fill(value);
        UnpinAfterAccess();
    }

    /// <summary>Copies the whole of another frame into this one.</summary>
    public unsafe void CopyFrom(Frame source)
    {
        Pin();
        try
        {
            source.Pin();
        }
        catch (InvalidOperationException)
        {
            Unpin();
            throw;
        }
        // SAFETY: as Read, for both.
        PageOperations.Copy(FrameTable.AddressOf(Page), FrameTable.AddressOf(source.Page));
        source.Unpin();
        Unpin();
    }

    /// <summary>A reader over a part of the frame (infallible). Checks the handle at each use: of a frame that was freed meanwhile it throws.</summary>
    public VmReader Reader(int offset, int length) => new(this, offset, length);

    /// <summary>A writer over a part of the frame (infallible). Checks the handle at each use: of a frame that was freed meanwhile it throws.</summary>
    public VmWriter Writer(int offset, int length) => new(this, offset, length);

    /// <summary>Whether both handles name the same page in the same generation. Does not look at the page: stale handles are equal too.</summary>
    public bool Equals(Frame other) => _handle == other._handle;

    /// <summary>Whether the object is an equal handle.</summary>
    public override bool Equals(object? obj) => obj is Frame other && Equals(other);

    /// <summary>A hash of page number and generation.</summary>
    public override int GetHashCode() => _handle.GetHashCode();

    /// <summary>The same as <see cref="Equals(Frame)"/>.</summary>
    public static bool operator ==(Frame left, Frame right) => left.Equals(right);

    /// <summary>The opposite of <see cref="Equals(Frame)"/>.</summary>
    public static bool operator !=(Frame left, Frame right) => !left.Equals(right);

    /// <summary>Throws unless the handle is good and the range lies within the page.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void CheckRange(int offset, int length)
    {
        _ = CheckedWord();
        if (!IsInside(offset, length))
        {
            ThrowRange();
        }
    }

    /// <summary>The linear map's address of a part of the frame.</summary>
    // SAFETY: the caller has pinned the frame, and does not use the pointer after Unpin; the range was checked by CheckRange.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe byte* PinnedAddress(int offset) => FrameTable.AddressOf(Page) + offset;

    // SAFETY: as PinnedAddress. When the range is bad nothing stays pinned.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private unsafe byte* PinAt(int offset, int length)
    {
        if (SafetyChecks.AreOn)
        {
            Pin();
            if (!IsInside(offset, length))
            {
                Unpin();
                ThrowRange();
            }
        }

        return PinnedAddress(offset);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void UnpinAfterAccess()
    {
        if (SafetyChecks.AreOn)
        {
            Unpin();
        }
    }

    private static bool IsInside(int offset, int length) =>
        (uint)offset <= (uint)Paging.PageSizeBytes && (uint)length <= (uint)(Paging.PageSizeBytes - offset);

    // After a decrement. Counts of zero mean that every handle is stale and nobody but the caller can change the word.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FreeIfUnused(uint page, long word)
    {
        if (FrameSlot.CountsOf(word) == 0)
        {
            Volatile.Write(ref FrameTable.Slot(page).Word, FrameSlot.MakeWord(FrameState.Busy, FrameSlot.NextGeneration(FrameSlot.GenerationOf(word))));
            FrameAllocator.FreePage(page);
        }
    }

    private bool TryTakeInternal(long change, int limit)
    {
        ref FrameSlot slot = ref CheckedSlot(out long word);
        while (true)
        {
            if (change < FrameSlot.OneInternal && FrameSlot.HandlesOf(word) == 0)
            {
                ThrowStale();
            }
            if (FrameSlot.InternalOf(word) >= limit)
            {
                return false;
            }
            long seen = Interlocked.CompareExchange(ref slot.Word, word + change, word);
            if (seen == word)
            {
                return true;
            }
            word = CheckedWord();
        }
    }

    // The metadata word, when this handle is the current one of a frame in use.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long CheckedWord()
    {
        _ = CheckedSlot(out long word);
        return word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref FrameSlot CheckedSlot(out long word)
    {
        if (SafetyChecks.AreOn && Page >= FrameTable.Count)
        {
            ThrowStale();
        }
        ref FrameSlot slot = ref FrameTable.Slot(Page);
        word = Volatile.Read(ref slot.Word);
        if (SafetyChecks.AreOn && (FrameSlot.GenerationOf(word) != Generation || FrameSlot.CountsOf(word) <= 0))
        {
            ThrowStale();
        }
        return ref slot;
    }

    [DoesNotReturn]
    private static void ThrowStale() => throw new InvalidOperationException("The frame handle is null, stale or was released.");

    [DoesNotReturn]
    private static void ThrowRange() => throw new ArgumentOutOfRangeException("offset", "The range leaves the frame.");
}
