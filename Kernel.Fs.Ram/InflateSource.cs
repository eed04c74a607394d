// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Fs.Ram;

/// <summary>
/// Decompresses one gzip member (RFC 1952) of DEFLATE data (RFC 1951) as it is read, with the 32 KiB window as the only buffer. Hostile input ends the stream with <see cref="Error"/>. The input is
/// read byte by byte and never beyond the member, so that what follows it can be read from the same source.
/// </summary>
internal sealed class InflateSource(ByteSource input) : ByteSource
{
    private const int WindowSize = 32768;

    private static ReadOnlySpan<ushort> LengthBase => [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];

    private static ReadOnlySpan<byte> LengthExtra => [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];

    private static ReadOnlySpan<ushort> DistanceBase =>
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];

    private static ReadOnlySpan<byte> DistanceExtra => [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    private static ReadOnlySpan<byte> CodeLengthOrder => [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

    private readonly byte[] _window = new byte[WindowSize];
    private readonly HuffmanTable _literals = new();
    private readonly HuffmanTable _distances = new();
    private readonly uint[] _crcTable = MakeCrcTable();
    private State _state = State.Header;
    private string? _error;
    private uint _bits;
    private int _bitCount;
    private bool _isLastBlock;
    private int _storedLeft;
    private int _copyLength;
    private int _copyDistance;
    private int _windowPosition;
    private uint _crc = uint.MaxValue;
    private uint _total;

    private enum State
    {
        Header,
        BlockHeader,
        Stored,
        Compressed,
        Trailer,
        End,
    }

    public override string? Error => _error;

    protected override int Produce(Span<byte> destination)
    {
        var count = 0;
        while (count < destination.Length && _error is null && _state != State.End)
        {
            switch (_state)
            {
                case State.Header:
                    ReadHeader();
                    break;
                case State.BlockHeader:
                    ReadBlockHeader();
                    break;
                case State.Stored:
                    CopyStored(destination, ref count);
                    break;
                case State.Compressed:
                    Decompress(destination, ref count);
                    break;
                case State.Trailer:
                    // The checksum covers what this call has made as well.
                    UpdateChecksum(destination[..count]);
                    ReadTrailer();
                    return count;
            }
        }

        UpdateChecksum(destination[..count]);
        return count;
    }

    private void ReadHeader()
    {
        Span<byte> header = stackalloc byte[10];
        if (input.Read(header) != 10 || header[0] != 0x1f || header[1] != 0x8b || header[2] != 8 || (header[3] & 0xe0) != 0)
        {
            Fail("bad gzip header");
            return;
        }

        var flags = header[3];
        if ((flags & 4) != 0)
        {
            var length = input.ReadByte() | input.ReadByte() << 8;
            for (var i = 0; i < length && input.ReadByte() >= 0; i++)
            {
            }
        }

        if ((flags & 8) != 0)
        {
            SkipString();
        }

        if ((flags & 16) != 0)
        {
            SkipString();
        }

        if ((flags & 2) != 0)
        {
            input.ReadByte();
            input.ReadByte();
        }

        _state = State.BlockHeader;
    }

    private void SkipString()
    {
        while (input.ReadByte() > 0)
        {
        }
    }

    private void ReadBlockHeader()
    {
        if (_isLastBlock)
        {
            _state = State.Trailer;
            return;
        }

        _isLastBlock = TakeBits(1) == 1;
        switch (TakeBits(2))
        {
            case 0:
                // The rest of the byte is skipped; whole bytes that were taken ahead are given back by never taking more than needed (see NeedBits).
                _bits = 0;
                _bitCount = 0;
                int length = input.ReadByte() | input.ReadByte() << 8, complement = input.ReadByte() | input.ReadByte() << 8;
                if (length < 0 || complement < 0 || length != (complement ^ 0xffff))
                {
                    Fail("bad stored block");
                    return;
                }

                _storedLeft = length;
                _state = State.Stored;
                break;
            case 1:
                BuildFixed();
                _state = State.Compressed;
                break;
            case 2:
                if (BuildDynamic())
                {
                    _state = State.Compressed;
                }

                break;
            default:
                Fail("bad block type");
                break;
        }
    }

    private void CopyStored(Span<byte> destination, ref int count)
    {
        while (_storedLeft > 0 && count < destination.Length)
        {
            var part = input.Available(Math.Min(_storedLeft, destination.Length - count));
            if (part.Length == 0)
            {
                Fail("data ends early");
                return;
            }

            foreach (var value in part)
            {
                Emit(value, destination, ref count);
            }

            _storedLeft -= part.Length;
            input.Advance(part.Length);
        }

        if (_storedLeft == 0)
        {
            _state = State.BlockHeader;
        }
    }

    private void Decompress(Span<byte> destination, ref int count)
    {
        while (count < destination.Length && _error is null)
        {
            if (_copyLength > 0)
            {
                _copyLength--;
                Emit(_window[(_windowPosition - _copyDistance) & (WindowSize - 1)], destination, ref count);
                continue;
            }

            var symbol = TakeSymbol(_literals);
            if (symbol is >= 0 and < 256)
            {
                Emit((byte)symbol, destination, ref count);
            }
            else if (symbol == 256)
            {
                _state = State.BlockHeader;
                return;
            }
            else if (symbol > 256)
            {
                StartCopy(symbol - 257);
            }
        }
    }

    private void StartCopy(int lengthCode)
    {
        if (lengthCode >= LengthBase.Length)
        {
            Fail("bad length code");
            return;
        }

        var length = LengthBase[lengthCode] + (int)TakeBits(LengthExtra[lengthCode]);
        var distanceCode = TakeSymbol(_distances);
        if (distanceCode < 0 || distanceCode >= DistanceBase.Length)
        {
            Fail("bad distance code");
            return;
        }

        var distance = DistanceBase[distanceCode] + (int)TakeBits(DistanceExtra[distanceCode]);
        if (distance > _windowPosition)
        {
            Fail("distance before the start");
            return;
        }

        _copyLength = length;
        _copyDistance = distance;
    }

    private void Emit(byte value, Span<byte> destination, ref int count)
    {
        _window[_windowPosition & (WindowSize - 1)] = value;

        // Counts on past the window's size, so that distances before the start of the data are seen, and wraps without becoming small.
        _windowPosition = _windowPosition == int.MaxValue ? int.MaxValue - WindowSize + 1 : _windowPosition + 1;
        destination[count++] = value;
    }

    private void ReadTrailer()
    {
        Span<byte> trailer = stackalloc byte[8];
        if (input.Read(trailer) != 8)
        {
            Fail("data ends early");
        }
        else if (BitConverter.ToUInt32(trailer) != ~_crc)
        {
            Fail("crc error");
        }
        else if (BitConverter.ToUInt32(trailer[4..]) != _total)
        {
            Fail("length error");
        }

        _state = State.End;
    }

    private void BuildFixed()
    {
        Span<byte> lengths = stackalloc byte[288];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        _literals.TryBuild(lengths, allowIncomplete: false);
        lengths[..30].Fill(5);

        // 30 of 32 codes: complete with the two that never occur.
        lengths[..32].Fill(5);
        _distances.TryBuild(lengths[..32], allowIncomplete: false);
    }

    private bool BuildDynamic()
    {
        var literalCount = (int)TakeBits(5) + 257;
        var distanceCount = (int)TakeBits(5) + 1;
        var codeCount = (int)TakeBits(4) + 4;
        Span<byte> lengths = stackalloc byte[320];
        lengths.Clear();
        if (literalCount > 286 || distanceCount > 30)
        {
            return Fail("too many codes");
        }

        for (var i = 0; i < codeCount; i++)
        {
            lengths[CodeLengthOrder[i]] = (byte)TakeBits(3);
        }

        if (!_literals.TryBuild(lengths[..19], allowIncomplete: false))
        {
            return Fail("bad code lengths");
        }

        lengths.Clear();
        var total = literalCount + distanceCount;
        for (var index = 0; index < total;)
        {
            var symbol = TakeSymbol(_literals);
            if (symbol < 0 || _error is not null)
            {
                return Fail("bad code lengths");
            }

            if (symbol < 16)
            {
                lengths[index++] = (byte)symbol;
                continue;
            }

            if (symbol == 16 && index == 0)
            {
                return Fail("bad code lengths");
            }

            var value = symbol == 16 ? lengths[index - 1] : (byte)0;
            var repeat = symbol switch { 16 => 3 + (int)TakeBits(2), 17 => 3 + (int)TakeBits(3), _ => 11 + (int)TakeBits(7) };
            if (index + repeat > total)
            {
                return Fail("bad code lengths");
            }

            lengths.Slice(index, repeat).Fill(value);
            index += repeat;
        }

        // A code for the end of the block must be there (RFC 1951, 3.2.7).
        if (lengths[256] == 0
            || !_literals.TryBuild(lengths[..literalCount], allowIncomplete: true)
            || !_distances.TryBuild(lengths.Slice(literalCount, distanceCount), allowIncomplete: true))
        {
            return Fail("bad codes");
        }

        return true;
    }

    private int TakeSymbol(HuffmanTable table)
    {
        // Bytes are taken one at a time until the bits make a code: nothing beyond the member is touched.
        while (true)
        {
            var symbol = table.Decode(_bits, out var length);
            if (symbol >= 0 && length <= _bitCount)
            {
                _bits >>= length;
                _bitCount -= length;
                return symbol;
            }

            if (symbol < 0 && _bitCount >= HuffmanTable.MaxBits)
            {
                Fail("bad code");
                return -1;
            }

            if (!NeedByte())
            {
                return -1;
            }
        }
    }

    private uint TakeBits(int count)
    {
        while (_bitCount < count)
        {
            if (!NeedByte())
            {
                return 0;
            }
        }

        var value = _bits & ((1u << count) - 1);
        _bits >>= count;
        _bitCount -= count;
        return value;
    }

    private bool NeedByte()
    {
        var value = input.ReadByte();
        if (value < 0)
        {
            return Fail(input.Error ?? "data ends early");
        }

        _bits |= (uint)value << _bitCount;
        _bitCount += 8;
        return true;
    }

    private bool Fail(string reason)
    {
        _error ??= reason;
        return false;
    }

    private void UpdateChecksum(ReadOnlySpan<byte> data)
    {
        var crc = _crc;
        foreach (var value in data)
        {
            crc = _crcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        _crc = crc;
        _total += (uint)data.Length;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            var value = i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xedb88320 ^ (value >> 1) : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
