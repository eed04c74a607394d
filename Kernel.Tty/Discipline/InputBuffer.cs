// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Tty.Discipline;

/// <summary>
/// The input queue of a terminal: a ring of 4096 bytes, and a mark for each byte that ends a line. In canonical mode the bytes between <c>canonicalHead</c> and <c>head</c> are the line under
/// edit, which no reader sees. Positions count up without bound and are masked at each access. Not thread-safe.
/// </summary>
internal sealed class InputBuffer
{
    /// <summary>Size of the ring; the longest line, its end included (N_TTY_BUF_SIZE, man 3 termios).</summary>
    public const int Capacity = 4096;

    private const uint Mask = Capacity - 1;

    private readonly byte[] _bytes = new byte[Capacity];
    private readonly ulong[] _lineEnds = new ulong[Capacity / 64];
    private uint _head;
    private uint _canonicalHead;
    private uint _tail;

    /// <summary>Bytes in the queue, the line under edit included.</summary>
    public int Count => (int)(_head - _tail);

    /// <summary>Bytes of complete lines (canonical mode).</summary>
    public int CompleteCount => (int)(_canonicalHead - _tail);

    /// <summary>Bytes of the line under edit.</summary>
    public int EditCount => (int)(_head - _canonicalHead);

    /// <summary>The byte of the line under edit at an index from its start.</summary>
    public byte EditByte(int index) => _bytes[(_canonicalHead + (uint)index) & Mask];

    /// <summary>Adds a byte. The caller has checked for room.</summary>
    public void Add(byte value)
    {
        _bytes[_head & Mask] = value;
        ClearLineEnd(_head);
        _head++;
    }

    /// <summary>Takes back the last <paramref name="count"/> bytes of the line under edit.</summary>
    public void RemoveLast(int count) => _head -= (uint)count;

    /// <summary>Adds the byte that ends a line, and gives the line to the readers. An end-of-file mark is a NUL here.</summary>
    public void EndLine(byte value)
    {
        _bytes[_head & Mask] = value;
        SetLineEnd(_head);
        _head++;
        _canonicalHead = _head;
    }

    /// <summary>Empties the queue.</summary>
    public void Clear()
    {
        _head = _canonicalHead = _tail = 0;
        Array.Clear(_lineEnds);
    }

    /// <summary>Changes from or to canonical mode: what came in raw counts as one line without an end.</summary>
    public void SetCanonical(bool isCanonical)
    {
        Array.Clear(_lineEnds);
        if (!isCanonical || _head == _tail)
        {
            _canonicalHead = _tail;
            return;
        }

        SetLineEnd(_head - 1);
        _canonicalHead = _head;
    }

    /// <summary>Takes bytes without looking at lines.</summary>
    public int TakeRaw(Span<byte> destination)
    {
        var count = Math.Min(destination.Length, Count);
        CopyOut(destination[..count]);
        _tail += (uint)count;
        _canonicalHead = _tail;
        return count;
    }

    /// <summary>
    /// Takes up to one line with its end. An end-of-file mark is taken and not copied, also when it comes right after the last byte that fits, so that <c>ab^D</c> read with a buffer
    /// of two bytes does not give an end of file afterwards.
    /// </summary>
    /// <param name="endOfLine">The line's end was taken.</param>
    public int TakeLine(Span<byte> destination, out bool endOfLine)
    {
        endOfLine = false;
        var count = 0;
        while (_tail != _canonicalHead)
        {
            var isEnd = IsLineEnd(_tail);
            var value = _bytes[_tail & Mask];
            if (isEnd && value == 0)
            {
                _tail++;
                endOfLine = true;
                return count;
            }

            if (count == destination.Length)
            {
                return count;
            }

            destination[count++] = value;
            _tail++;
            if (isEnd)
            {
                endOfLine = true;
                return count;
            }
        }

        return count;
    }

    /// <summary>Bytes that reads would give, for TIOCINQ: of complete lines in canonical mode, without end-of-file marks.</summary>
    public int CountReadable(bool isCanonical)
    {
        if (!isCanonical)
        {
            return Count;
        }

        var count = 0;
        for (var position = _tail; position != _canonicalHead; position++)
        {
            if (!IsLineEnd(position) || _bytes[position & Mask] != 0)
            {
                count++;
            }
        }

        return count;
    }

    private void CopyOut(Span<byte> destination)
    {
        var start = (int)(_tail & Mask);
        var first = Math.Min(destination.Length, Capacity - start);
        _bytes.AsSpan(start, first).CopyTo(destination);
        _bytes.AsSpan(0, destination.Length - first).CopyTo(destination[first..]);
    }

    private bool IsLineEnd(uint position) => (_lineEnds[(position & Mask) >> 6] >> (int)(position & 63) & 1) != 0;

    private void SetLineEnd(uint position) => _lineEnds[(position & Mask) >> 6] |= 1UL << (int)(position & 63);

    private void ClearLineEnd(uint position) => _lineEnds[(position & Mask) >> 6] &= ~(1UL << (int)(position & 63));
}
