// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ostd.Diagnostics;

namespace Ostd.Memory;

/// <summary>
/// A source of bytes: kernel memory, a frame, a segment, or user memory. Over user memory every copy can fault: it then stops short and
/// <see cref="HasFaulted"/> is set. A copy from or to user memory may sleep (demand paging): never in atomic mode.
/// </summary>
public ref struct VmReader
{
    private ReadOnlySpan<byte> _span;
    private Frame _frame;
    private Segment? _segment;

    // User memory: the address. A frame or segment: the offset.
    private ulong _position;
    private int _remaining;
    private VmMemoryKind _kind;
    private bool _hasFaulted;

    /// <summary>Over kernel memory (infallible).</summary>
    public VmReader(ReadOnlySpan<byte> source)
    {
        _span = source;
        _remaining = source.Length;
        _kind = VmMemoryKind.Kernel;
    }

    /// <summary>Over a part of a frame (infallible).</summary>
    internal VmReader(Frame frame, int offset, int length)
    {
        frame.CheckRange(offset, length);
        _frame = frame;
        _position = (uint)offset;
        _remaining = length;
        _kind = VmMemoryKind.Frame;
    }

    /// <summary>Over a part of a segment (infallible).</summary>
    internal VmReader(Segment segment, int offset, int length)
    {
        segment.CheckRange(offset, length);
        _segment = segment;
        _position = (uint)offset;
        _remaining = length;
        _kind = VmMemoryKind.Segment;
    }

    /// <summary>Over the current task's user memory. The range may lie anywhere: one that leaves user space faults at the first byte.</summary>
    public static VmReader FromUser(ulong address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new VmReader
        {
            _position = address,
            _remaining = length,
            _kind = VmMemoryKind.User,
            _hasFaulted = SafetyChecks.AreOn && !Paging.IsUserRange(address, (uint)length),
        };
    }

    /// <summary>Over memory of the linear map that lives as long as the kernel (boot modules).</summary>
    // SAFETY: the caller proves that the range is mapped and not written by anybody meanwhile.
    internal static unsafe VmReader FromKernel(byte* address, int length) => new(new ReadOnlySpan<byte>(address, length));

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => _remaining;

    /// <summary>A read met an address that is not mapped for reading.</summary>
    public readonly bool HasFaulted => _hasFaulted;

    /// <summary>Whether the next byte is at a multiple of something: by its address in user memory, by its offset in a frame or segment. Kernel memory is aligned to anything.</summary>
    /// <param name="alignment">A power of two.</param>
    public readonly bool IsAligned(int alignment) => (_position & (uint)(alignment - 1)) == 0;

    internal readonly VmMemoryKind Kind => _kind;

    internal readonly ulong Position => _position;

    internal void MarkFaulted() => _hasFaulted = true;

    /// <summary>Copies up to <c>destination.Length</c> bytes and moves on.</summary>
    /// <returns>Bytes copied: less than asked at the end or at a fault.</returns>
    public int Read(scoped Span<byte> destination)
    {
        int count = Math.Min(destination.Length, _remaining);
        if (_kind == VmMemoryKind.User)
        {
            if (_hasFaulted)
            {
                return 0;
            }

            // The range that remains is a part of the one that FromUser checked.
            int copied = UserAccess.CopyInChecked(_position, destination[..count]);
            _hasFaulted = copied < count;
            count = copied;
        }
        else if (_kind == VmMemoryKind.Frame)
        {
            _frame.Read((int)_position, destination[..count]);
        }
        else if (_kind == VmMemoryKind.Segment)
        {
            _segment!.Read((int)_position, destination[..count]);
        }
        else
        {
            _span[..count].CopyTo(destination);
        }
        Advance(count);
        return count;
    }

    /// <summary>Copies one unmanaged value.</summary>
    /// <returns>False at a fault, or if fewer bytes remain.</returns>
    public bool TryRead<T>(out T value) where T : unmanaged
    {
        value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        return _remaining >= bytes.Length && Read(bytes) == bytes.Length;
    }

    /// <summary>Moves on without reading.</summary>
    public void Skip(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _remaining);
        Advance(count);
    }

    /// <summary>Shortens what remains to at most <paramref name="length"/> bytes.</summary>
    public void Limit(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        _remaining = Math.Min(_remaining, length);
    }

    /// <summary>Copies to a writer until either ends or faults.</summary>
    /// <returns>Bytes copied.</returns>
    public int CopyTo(ref VmWriter writer)
    {
        int count = Math.Min(_remaining, writer.Remaining);
        if (_kind == VmMemoryKind.Segment)
        {
            return CopySegmentTo(ref writer, count);
        }
        if (_kind != VmMemoryKind.User)
        {
            int written = _kind == VmMemoryKind.Kernel ? writer.Write(_span[..count]) : CopyFrameTo(ref writer, count);
            Advance(written);
            return written;
        }
        return writer.Kind != VmMemoryKind.User ? writer.TakeFrom(ref this, count) : CopyUserToUser(ref writer, count);
    }

    private readonly unsafe int CopyFrameTo(ref VmWriter writer, int count)
    {
        _frame.CheckRange((int)_position, count);
        _frame.Pin();
        try
        {
            // SAFETY: the range was checked, and the page is pinned: the writer may meet a page fault, whose handler may do anything with the handle.
            return writer.Write(new ReadOnlySpan<byte>(_frame.PinnedAddress((int)_position), count));
        }
        finally
        {
            _frame.Unpin();
        }
    }

    private int CopySegmentTo(ref VmWriter writer, int count)
    {
        int done = 0;
        while (done < count)
        {
            Frame frame = _segment!.FrameAt((int)_position, count - done, out int inPage, out int chunk);
            VmReader part = frame.Reader(inPage, chunk);
            int copied = part.CopyTo(ref writer);
            Advance(copied);
            done += copied;
            if (copied < chunk)
            {
                break;
            }
        }
        return done;
    }

    [SkipLocalsInit]
    private int CopyUserToUser(ref VmWriter writer, int count)
    {
        Span<byte> buffer = stackalloc byte[512];
        int done = 0;
        while (done < count)
        {
            VmReader start = this;
            int read = Read(buffer[..Math.Min(buffer.Length, count - done)]);
            int written = writer.Write(buffer[..read]);
            done += written;
            if (written < read)
            {
                // What was read ahead but not written is not consumed.
                this = start;
                Advance(written);
                break;
            }
            if (_hasFaulted || read == 0)
            {
                break;
            }
        }
        return done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Advance(int count)
    {
        _remaining -= count;
        if (_kind == VmMemoryKind.Kernel)
        {
            _span = _span[count..];
        }
        else
        {
            _position += (uint)count;
        }
    }
}
