// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Files;

/// <summary>The contents of a file of procfs or sysfs, made when it is read; implementers carry <c>[PseudoFile("/proc/uptime")]</c>.</summary>
public interface IPseudoFile
{
    /// <summary>Writes the whole content. Called when a reader starts at the beginning.</summary>
    Errno Generate(PseudoFileWriter writer, IThread reader);

    /// <summary>Takes what a program writes in one call; EINVAL and the like, or EIO where nothing can be written.</summary>
    Errno Accept(ReadOnlySpan<byte> text, IThread writer) => Errno.EIO;
}

/// <summary>A growing text buffer. Strings are taken as bytes of Latin-1, so that paths pass through unchanged.</summary>
public sealed class PseudoFileWriter
{
    private byte[] _buffer = new byte[256];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Bytes => _buffer.AsSpan(0, Length);

    public PseudoFileWriter Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(Length));
        Length += bytes.Length;
        return this;
    }

    public PseudoFileWriter Append(string text)
    {
        Reserve(text.Length);
        Encoding.Latin1.GetBytes(text, _buffer.AsSpan(Length));
        Length += text.Length;
        return this;
    }

    public PseudoFileWriter Append(char character)
    {
        Reserve(1);
        _buffer[Length++] = (byte)character;
        return this;
    }

    /// <summary>Appends a decimal number.</summary>
    public PseudoFileWriter Append(long value)
    {
        Reserve(20);
        System.Buffers.Text.Utf8Formatter.TryFormat(value, _buffer.AsSpan(Length), out var written);
        Length += written;
        return this;
    }

    /// <summary>Appends an unsigned decimal number.</summary>
    public PseudoFileWriter AppendUnsigned(ulong value)
    {
        Reserve(20);
        System.Buffers.Text.Utf8Formatter.TryFormat(value, _buffer.AsSpan(Length), out var written);
        Length += written;
        return this;
    }

    /// <summary>Appends a decimal number, right-aligned with blanks or with leading zeros.</summary>
    public PseudoFileWriter AppendPadded(long value, int width, char padding = ' ')
    {
        Span<byte> digits = stackalloc byte[20];
        System.Buffers.Text.Utf8Formatter.TryFormat(value, digits, out var written);
        for (var i = written; i < width; i++)
        {
            Append(padding);
        }

        return Append(digits[..written]);
    }

    /// <summary>Appends a hexadecimal number in lower case with leading zeros.</summary>
    public PseudoFileWriter AppendHex(ulong value, int minimumDigits = 1)
    {
        var digits = Math.Max(minimumDigits, (67 - System.Numerics.BitOperations.LeadingZeroCount(value | 1)) / 4);
        for (var i = digits - 1; i >= 0; i--)
        {
            var digit = (int)(value >> (i * 4)) & 15;
            Append((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }

        return this;
    }

    private void Reserve(int count)
    {
        if (_buffer.Length - Length < count)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, Length + count));
        }
    }
}
