// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Diagnostics;

namespace Ostd.Memory;

/// <summary>
/// Untyped frames whose pages follow one another in physical memory: for devices that want buffers larger than a page, and for contents that are written and read across pages. It holds one reference to each of its
/// frames until it is disposed; each access checks the handles, as with a single <see cref="Frame"/>.
/// </summary>
/// <remarks>One that is never disposed leaks its frames.</remarks>
public sealed class Segment : IDisposable
{
    /// <summary>Pages that one segment can have at most. So many rarely follow one another.</summary>
    public const int MaxPageCount = 1 << FrameAllocator.MaxOrder;

    // Shared by slices, and never changed once it is filled.
    private readonly Frame[] _frames;
    private readonly int _first;
    private readonly int _count;
    private int _isDisposed;

    private Segment(Frame[] frames, int first, int count)
    {
        _frames = frames;
        _first = first;
        _count = count;
    }

    /// <summary>Number of pages.</summary>
    public int PageCount => _count;

    /// <summary>Number of bytes.</summary>
    public int Length => _count << Paging.PageShift;

    /// <summary>One of its frames. The reference stays the segment's: <see cref="Frame.Share"/> takes another one, to map the frame or to keep it for longer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such page.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public Frame this[int page]
    {
        get
        {
            CheckAlive();
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)page, (uint)_count, nameof(page));
            return _frames[_first + page];
        }
    }

    /// <summary>Takes frames filled with zeros.</summary>
    /// <param name="pageCount">How many: 1 to <see cref="MaxPageCount"/>.</param>
    /// <param name="segment">The segment.</param>
    /// <returns>False when no such run of frames is free; single frames may still be.</returns>
    public static bool TryAllocate(int pageCount, [NotNullWhen(true)] out Segment? segment)
    {
        if (!TryAllocateUninitialized(pageCount, out segment))
        {
            return false;
        }

        segment.Fill(0, segment.Length, 0);
        return true;
    }

    /// <summary>The same, with unspecified contents (for a caller that overwrites all of them).</summary>
    public static bool TryAllocateUninitialized(int pageCount, [NotNullWhen(true)] out Segment? segment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pageCount, MaxPageCount);
        var frames = new Frame[pageCount];
        segment = new Segment(frames, 0, pageCount);
        uint first = FrameAllocator.AllocateRun((uint)pageCount, FrameState.Untyped);
        if (first == 0)
        {
            segment = null;
            return false;
        }

        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = Frame.FromAllocation(first + (uint)i);
        }

        return true;
    }

    /// <summary>A part of the segment, with references of its own: it outlives this one, and is disposed for itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The pages are not all of this segment, or there are none.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public Segment Slice(int firstPage, int pageCount)
    {
        CheckAlive();
        if (firstPage < 0 || pageCount < 1 || firstPage > _count - pageCount)
        {
            ThrowRange();
        }

        var slice = new Segment(_frames, _first + firstPage, pageCount);
        for (int i = 0; i < pageCount; i++)
        {
            _frames[_first + firstPage + i].Share();
        }

        return slice;
    }

    /// <summary>Copies bytes out of the segment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the segment.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public void Read(int offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            Frame frame = FrameAt(offset, destination.Length, out int inPage, out int chunk);
            frame.Read(inPage, destination[..chunk]);
            destination = destination[chunk..];
            offset += chunk;
        }
    }

    /// <summary>Copies bytes into the segment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the segment.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public void Write(int offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        while (!source.IsEmpty)
        {
            Frame frame = FrameAt(offset, source.Length, out int inPage, out int chunk);
            frame.Write(inPage, source[..chunk]);
            source = source[chunk..];
            offset += chunk;
        }
    }

    /// <summary>Fills a part of the segment.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the segment.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public void Fill(int offset, int length, byte value)
    {
        CheckRange(offset, length);
        while (length > 0)
        {
            Frame frame = FrameAt(offset, length, out int inPage, out int chunk);
            frame.Fill(inPage, chunk, value);
            offset += chunk;
            length -= chunk;
        }
    }

    /// <summary>A reader over a part of the segment (infallible). Checks the handles at each use: when the segment is disposed meanwhile it throws.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the segment.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public VmReader Reader(int offset, int length) => new(this, offset, length);

    /// <summary>A writer over a part of the segment (infallible). Checks the handles at each use: when the segment is disposed meanwhile it throws.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the segment.</exception>
    /// <exception cref="ObjectDisposedException">The segment is disposed.</exception>
    public VmWriter Writer(int offset, int length) => new(this, offset, length);

    /// <summary>Gives the references back; frames that nobody else holds are freed. A second time has no effect.</summary>
    /// <exception cref="InvalidOperationException">A reference of the segment's was released by way of a frame's handle.</exception>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        for (int i = 0; i < _count; i++)
        {
            _frames[_first + i].Release();
        }
    }

    /// <summary>Throws unless the segment is alive and the range lies within it.</summary>
    internal void CheckRange(int offset, int length)
    {
        CheckAlive();
        if ((uint)offset > (uint)Length || (uint)length > (uint)(Length - offset))
        {
            ThrowRange();
        }
    }

    /// <summary>The frame in which a byte lies, and how much of the range that begins with it lies in that frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Frame FrameAt(int offset, int length, out int inPage, out int chunk)
    {
        CheckAlive();
        inPage = offset & (Paging.PageSizeBytes - 1);
        chunk = Math.Min(length, Paging.PageSizeBytes - inPage);
        return _frames[_first + (offset >> Paging.PageShift)];
    }

    private void CheckAlive() => Disposed.ThrowIf(Volatile.Read(ref _isDisposed) != 0, nameof(Segment));

    [DoesNotReturn]
    private static void ThrowRange() => throw new ArgumentOutOfRangeException("offset", "The range leaves the segment.");
}
