// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Kernel.Ipc;

/// <summary>
/// A ring of frames that holds a pipe's bytes. Frames are allocated when bytes arrive and given back when they have been read, but for one that is kept, so that a ping-pong of small messages
/// allocates nothing. Not synchronised: <see cref="Pipe"/> holds its mutex around every call.
/// </summary>
internal sealed class PipeBuffer
{
    private Frame[] _frames;
    private Frame _spare;
    private int _firstSlot;
    private int _offsetInFirst;

    public PipeBuffer(int capacityBytes) => _frames = new Frame[capacityBytes / Paging.PageSizeBytes];

    /// <summary>Bytes held.</summary>
    public int Count { get; private set; }

    public int CapacityBytes => _frames.Length * Paging.PageSizeBytes;

    /// <summary>
    /// Bytes that can be added without touching the frames that are partly read: the head's read part does not count, as its frame is freed only when all of it was read.
    /// </summary>
    public int Free => CapacityBytes - _offsetInFirst - Count;

    /// <summary>Takes bytes from a reader until it ends, faults, or the ring is full.</summary>
    /// <returns>Bytes taken; fewer than possible also when no memory is left.</returns>
    public int Fill(ref VmReader source, int limit)
    {
        var total = 0;
        limit = Math.Min(limit, Free);
        while (limit > 0)
        {
            var end = _offsetInFirst + Count;
            var slot = (_firstSlot + end / Paging.PageSizeBytes) % _frames.Length;
            var offset = end % Paging.PageSizeBytes;
            if (_frames[slot].IsNull && !TryTakeFrame(out _frames[slot]))
            {
                break;
            }

            var length = Math.Min(limit, Paging.PageSizeBytes - offset);
            var writer = _frames[slot].Writer(offset, length);
            var copied = source.CopyTo(ref writer);
            Count += copied;
            total += copied;
            limit -= copied;
            if (copied < length)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Gives bytes to a writer until it is full, faults, or the ring is empty.</summary>
    /// <returns>Bytes given.</returns>
    public int Drain(ref VmWriter destination)
    {
        var total = 0;
        while (Count > 0 && destination.Remaining > 0)
        {
            var length = Math.Min(Math.Min(Count, Paging.PageSizeBytes - _offsetInFirst), destination.Remaining);
            var reader = _frames[_firstSlot].Reader(_offsetInFirst, length);
            var copied = reader.CopyTo(ref destination);
            total += copied;
            Count -= copied;
            _offsetInFirst += copied;
            if (_offsetInFirst == Paging.PageSizeBytes || Count == 0)
            {
                FreeFirst();
            }

            if (copied < length)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Gives bytes to a writer and keeps them.</summary>
    /// <returns>Bytes given.</returns>
    public int Peek(ref VmWriter destination)
    {
        var total = 0;
        while (total < Count && destination.Remaining > 0)
        {
            var position = _offsetInFirst + total;
            var slot = (_firstSlot + position / Paging.PageSizeBytes) % _frames.Length;
            var offset = position % Paging.PageSizeBytes;
            var length = Math.Min(Math.Min(Count - total, Paging.PageSizeBytes - offset), destination.Remaining);
            var reader = _frames[slot].Reader(offset, length);
            var copied = reader.CopyTo(ref destination);
            total += copied;
            if (copied < length)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Drops bytes.</summary>
    public void Discard(int count)
    {
        while (count > 0)
        {
            var length = Math.Min(Math.Min(Count, count), Paging.PageSizeBytes - _offsetInFirst);
            Count -= length;
            count -= length;
            _offsetInFirst += length;
            if (_offsetInFirst == Paging.PageSizeBytes || Count == 0)
            {
                FreeFirst();
            }
        }
    }

    /// <summary>Takes back the bytes added last, as if they had never come.</summary>
    public void TakeBack(int count)
    {
        var newEnd = _offsetInFirst + Count - count;
        for (var end = _offsetInFirst + Count; end > newEnd;)
        {
            var slotStart = (end - 1) / Paging.PageSizeBytes * Paging.PageSizeBytes;
            if (slotStart >= newEnd)
            {
                ref var frame = ref _frames[(_firstSlot + slotStart / Paging.PageSizeBytes) % _frames.Length];
                frame.Release();
                frame = default;
            }

            end = slotStart;
        }

        Count -= count;
        if (Count == 0)
        {
            _offsetInFirst = 0;
        }
    }

    /// <summary>Changes the number of frames; the caller has checked that the contents fit.</summary>
    public void Resize(int capacityBytes)
    {
        var frames = new Frame[capacityBytes / Paging.PageSizeBytes];
        var used = (_offsetInFirst + Count + Paging.PageSizeBytes - 1) / Paging.PageSizeBytes;
        for (var i = 0; i < used; i++)
        {
            frames[i] = _frames[(_firstSlot + i) % _frames.Length];
        }

        _frames = frames;
        _firstSlot = 0;
    }

    /// <summary>Gives all frames back.</summary>
    public void Clear()
    {
        for (var i = 0; i < _frames.Length; i++)
        {
            if (!_frames[i].IsNull)
            {
                _frames[i].Release();
                _frames[i] = default;
            }
        }

        if (!_spare.IsNull)
        {
            _spare.Release();
            _spare = default;
        }

        Count = 0;
        _offsetInFirst = 0;
    }

    private bool TryTakeFrame(out Frame frame)
    {
        if (_spare.IsNull)
        {
            return Frame.TryAllocateUninitialized(out frame);
        }

        frame = _spare;
        _spare = default;
        return true;
    }

    private void FreeFirst()
    {
        var frame = _frames[_firstSlot];
        _frames[_firstSlot] = default;
        _offsetInFirst = 0;
        _firstSlot = (_firstSlot + 1) % _frames.Length;
        if (_spare.IsNull)
        {
            _spare = frame;
        }
        else
        {
            frame.Release();
        }
    }
}
