// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Boot;

namespace Kernel.Fs.Ram;

/// <summary>A stream of bytes that is read once, front to back.</summary>
internal abstract class ByteSource
{
    private readonly byte[] _buffer = new byte[16384];
    private int _position;
    private int _length;

    /// <summary>Bytes taken so far.</summary>
    public long Consumed { get; private set; }

    /// <summary>The stream is broken: what follows the bytes read so far is lost.</summary>
    public virtual string? Error => null;

    /// <summary>The next byte without taking it; -1 at the end.</summary>
    public int Peek() => _position < _length || Refill() ? _buffer[_position] : -1;

    /// <summary>The next byte; -1 at the end.</summary>
    public int ReadByte()
    {
        if (_position == _length && !Refill())
        {
            return -1;
        }

        Consumed++;
        return _buffer[_position++];
    }

    /// <summary>Takes up to <c>destination.Length</c> bytes; fewer at the end only.</summary>
    public int Read(Span<byte> destination)
    {
        var total = 0;
        while (total < destination.Length)
        {
            var part = Available(destination.Length - total);
            if (part.Length == 0)
            {
                break;
            }

            part.CopyTo(destination[total..]);
            Advance(part.Length);
            total += part.Length;
        }

        return total;
    }

    /// <summary>What can be taken without copying, at most <paramref name="limit"/> bytes; empty at the end.</summary>
    public ReadOnlySpan<byte> Available(long limit)
        => _position < _length || Refill() ? _buffer.AsSpan(_position, (int)Math.Min(limit, _length - _position)) : default;

    /// <summary>Takes bytes seen by <see cref="Available"/>.</summary>
    public void Advance(int count)
    {
        _position += count;
        Consumed += count;
    }

    /// <summary>Makes the next bytes; 0 at the end.</summary>
    protected abstract int Produce(Span<byte> destination);

    private bool Refill()
    {
        _position = 0;
        _length = Produce(_buffer);
        return _length > 0;
    }
}

/// <summary>The initramfs as the boot loader left it.</summary>
internal sealed class InitramfsSource : ByteSource
{
    private readonly long _total = BootInfo.InitramfsLength;
    private long _offset;

    protected override int Produce(Span<byte> destination)
    {
        var count = (int)Math.Min(destination.Length, _total - _offset);
        if (count <= 0)
        {
            return 0;
        }

        var reader = BootInfo.InitramfsReader(_offset, count);
        var copied = reader.Read(destination[..count]);
        _offset += copied;
        return copied;
    }
}
