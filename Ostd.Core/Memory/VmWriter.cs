// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ostd.Diagnostics;

namespace Ostd.Memory;

/// <summary>A destination of bytes: kernel memory, a frame, a segment, or user memory. See <see cref="VmReader"/>.</summary>
public ref struct VmWriter
{
    private Span<byte> _span;
    private Frame _frame;
    private Segment? _segment;

    // User memory: the address. A frame or segment: the offset.
    private ulong _position;
    private int _remaining;
    private VmMemoryKind _kind;
    private bool _hasFaulted;

    /// <summary>Over kernel memory (infallible).</summary>
    public VmWriter(Span<byte> destination)
    {
        _span = destination;
        _remaining = destination.Length;
        _kind = VmMemoryKind.Kernel;
    }

    /// <summary>Over a part of a frame (infallible).</summary>
    internal VmWriter(Frame frame, int offset, int length)
    {
        frame.CheckRange(offset, length);
        _frame = frame;
        _position = (uint)offset;
        _remaining = length;
        _kind = VmMemoryKind.Frame;
    }

    /// <summary>Over a part of a segment (infallible).</summary>
    internal VmWriter(Segment segment, int offset, int length)
    {
        segment.CheckRange(offset, length);
        _segment = segment;
        _position = (uint)offset;
        _remaining = length;
        _kind = VmMemoryKind.Segment;
    }

    /// <summary>Over the current task's user memory.</summary>
    public static VmWriter FromUser(ulong address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        return new VmWriter
        {
            _position = address,
            _remaining = length,
            _kind = VmMemoryKind.User,
            _hasFaulted = SafetyChecks.AreOn && !Paging.IsUserRange(address, (uint)length),
        };
    }

    /// <summary>Bytes that can still be written.</summary>
    public readonly int Remaining => _remaining;

    /// <summary>A write met an address that is not mapped for writing.</summary>
    public readonly bool HasFaulted => _hasFaulted;

    /// <summary>Whether the next byte is at a multiple of something: by its address in user memory, by its offset in a frame or segment. Kernel memory is aligned to anything.</summary>
    /// <param name="alignment">A power of two.</param>
    public readonly bool IsAligned(int alignment) => (_position & (uint)(alignment - 1)) == 0;

    internal readonly VmMemoryKind Kind => _kind;

    /// <summary>Copies from a reader of user memory to kernel memory, a frame or a segment.</summary>
    internal unsafe int TakeFrom(ref VmReader reader, int count)
    {
        if (_kind == VmMemoryKind.Segment)
        {
            return TakeSegmentFrom(ref reader, count);
        }
        int read;
        if (_kind == VmMemoryKind.Kernel)
        {
            read = reader.Read(_span[..count]);
        }
        else
        {
            _frame.CheckRange((int)_position, count);
            _frame.Pin();
            try
            {
                // SAFETY: the range was checked, and the page is pinned: the reader may meet a page fault, whose handler may do anything with the handle.
                read = reader.Read(new Span<byte>(_frame.PinnedAddress((int)_position), count));
            }
            finally
            {
                _frame.Unpin();
            }
        }
        Advance(read);
        return read;
    }

    private int TakeSegmentFrom(ref VmReader reader, int count)
    {
        int done = 0;
        while (done < count)
        {
            Frame frame = _segment!.FrameAt((int)_position, count - done, out int inPage, out int chunk);
            VmWriter part = frame.Writer(inPage, chunk);
            int taken = part.TakeFrom(ref reader, chunk);
            Advance(taken);
            done += taken;
            if (taken < chunk)
            {
                break;
            }
        }
        return done;
    }

    /// <summary>Copies up to <c>source.Length</c> bytes and moves on.</summary>
    /// <returns>Bytes copied: less than asked at the end or at a fault.</returns>
    public int Write(scoped ReadOnlySpan<byte> source)
    {
        int count = Math.Min(source.Length, _remaining);
        if (_kind == VmMemoryKind.User)
        {
            if (_hasFaulted)
            {
                return 0;
            }

            // The range that remains is a part of the one that FromUser checked.
            int copied = UserAccess.CopyOutChecked(_position, source[..count]);
            _hasFaulted = copied < count;
            count = copied;
        }
        else if (_kind == VmMemoryKind.Frame)
        {
            _frame.Write((int)_position, source[..count]);
        }
        else if (_kind == VmMemoryKind.Segment)
        {
            _segment!.Write((int)_position, source[..count]);
        }
        else
        {
            source[..count].CopyTo(_span);
        }
        Advance(count);
        return count;
    }

    /// <summary>Copies one unmanaged value.</summary>
    /// <returns>False at a fault, or if fewer bytes remain.</returns>
    public bool TryWrite<T>(in T value) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
        return _remaining >= bytes.Length && Write(bytes) == bytes.Length;
    }

    /// <summary>Writes a value over and over.</summary>
    /// <returns>Bytes written.</returns>
    public int Fill(byte value, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        count = Math.Min(count, _remaining);
        if (_kind == VmMemoryKind.User)
        {
            if (_hasFaulted)
            {
                return 0;
            }
            int filled = UserAccess.Fill(_position, value, count);
            _hasFaulted = filled < count;
            count = filled;
        }
        else if (_kind == VmMemoryKind.Frame)
        {
            _frame.Fill((int)_position, count, value);
        }
        else if (_kind == VmMemoryKind.Segment)
        {
            _segment!.Fill((int)_position, count, value);
        }
        else
        {
            _span[..count].Fill(value);
        }
        Advance(count);
        return count;
    }

    /// <summary>Moves on without writing.</summary>
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
