// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// A reference-counted handle to one untyped page of physical memory. The handle is a page number and a generation, checked against
/// the frame's metadata at each use: a stale or doubly released handle throws <see cref="InvalidOperationException"/> and never
/// touches somebody else's page. <c>default</c> is the null handle.
/// </summary>
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
    public int ReferenceCount => (int)CheckedWord();

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

    /// <summary>Takes one more reference to a frame that a page table maps. The table's lock is held, so that its reference cannot go meanwhile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void ShareMapped(ulong physicalAddress)
    {
        // The state is the low half of the word: an increment of the word is one of the count, unless it overflows.
        if ((int)Interlocked.Increment(ref FrameTable.Slot((uint)(physicalAddress >> PageTableFormat.PageShift)).Word) < 0)
        {
            Boot.Panic.Halt("frame reference count overflow");
        }
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
        uint page = FrameAllocator.AllocatePage(1);
        if (page == 0)
        {
            frame = default;
            return false;
        }
        frame = new Frame(page, FrameTable.Slot(page).Generation);
        return true;
    }

    /// <summary>Takes one more reference and returns the same handle.</summary>
    public Frame Share()
    {
        long word = CheckedWord();
        ref FrameSlot slot = ref FrameTable.Slot(Page);
        while (true)
        {
            if ((int)word == int.MaxValue)
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
    public void Release()
    {
        long word = CheckedWord();
        ref FrameSlot slot = ref FrameTable.Slot(Page);
        while (true)
        {
            // The last reference makes all handles stale in the same step.
            bool isLast = (int)word == 1;
            long changed = isLast ? FrameSlot.MakeWord(FrameState.Busy, NextGeneration(Generation)) : word - 1;
            long seen = Interlocked.CompareExchange(ref slot.Word, changed, word);
            if (seen == word)
            {
                if (isLast)
                {
                    FrameAllocator.FreePage(Page);
                }
                return;
            }
            word = CheckedWord();
        }
    }

    /// <summary>Copies bytes out of the frame.</summary>
    public unsafe void Read(int offset, Span<byte> destination)
    {
        // SAFETY: Address checks handle and range; the copy stays within the page.
        byte* source = Address(offset, destination.Length);
        new ReadOnlySpan<byte>(source, destination.Length).CopyTo(destination);
    }

    /// <summary>Copies bytes into the frame.</summary>
    public unsafe void Write(int offset, ReadOnlySpan<byte> source)
    {
        // SAFETY: as Read.
        byte* destination = Address(offset, source.Length);
        source.CopyTo(new Span<byte>(destination, source.Length));
    }

    /// <summary>Fills a part of the frame.</summary>
    public unsafe void Fill(int offset, int length, byte value)
    {
        // SAFETY: as Read.
        new Span<byte>(Address(offset, length), length).Fill(value);
    }

    /// <summary>Copies the whole of another frame into this one.</summary>
    public unsafe void CopyFrom(Frame source)
    {
        // SAFETY: as Read, for both.
        byte* from = source.Address(0, Paging.PageSizeBytes);
        PageOperations.Copy(Address(0, Paging.PageSizeBytes), from);
    }

    /// <summary>A reader over a part of the frame (infallible). The frame must stay referenced while it is used.</summary>
    public VmReader Reader(int offset, int length) => new(this, offset, length);

    /// <summary>A writer over a part of the frame (infallible). The frame must stay referenced while it is used.</summary>
    public VmWriter Writer(int offset, int length) => new(this, offset, length);

    public bool Equals(Frame other) => _handle == other._handle;

    public override bool Equals(object? obj) => obj is Frame other && Equals(other);

    public override int GetHashCode() => _handle.GetHashCode();

    public static bool operator ==(Frame left, Frame right) => left.Equals(right);

    public static bool operator !=(Frame left, Frame right) => !left.Equals(right);

    /// <summary>The linear map's address of a part of the frame, after a check of handle and range.</summary>
    // SAFETY: the range lies within one untyped page; the caller uses the pointer at once and does not keep it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal unsafe byte* Address(int offset, int length)
    {
        _ = CheckedWord();
        if ((uint)offset > (uint)Paging.PageSizeBytes || (uint)length > (uint)(Paging.PageSizeBytes - offset))
        {
            ThrowRange();
        }
        return FrameTable.AddressOf(Page) + offset;
    }

    private static uint NextGeneration(uint generation) => generation == uint.MaxValue ? 1 : generation + 1;

    // The metadata word, when this handle is the current one of a frame in use.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long CheckedWord()
    {
        if (Page < FrameTable.Count)
        {
            long word = Volatile.Read(ref FrameTable.Slot(Page).Word);
            if ((uint)(word >> 32) == Generation && (int)word > 0)
            {
                return word;
            }
        }
        ThrowStale();
        return 0;
    }

    [DoesNotReturn]
    private static void ThrowStale() => throw new InvalidOperationException("The frame handle is null, stale or was released.");

    [DoesNotReturn]
    private static void ThrowRange() => throw new ArgumentOutOfRangeException("offset", "The range leaves the frame.");
}
