// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Logging;

/// <summary>Composes a line of text without allocating. What does not fit is dropped.</summary>
internal ref struct TextBuffer
{
    private readonly Span<char> _storage;
    private int _length;

    [InterruptSafe]
    public TextBuffer(Span<char> storage)
    {
        _storage = storage;
        _length = 0;
    }

    /// <summary>The text so far.</summary>
    [InterruptSafe]
    public readonly ReadOnlySpan<char> Text => _storage[.._length];

    [InterruptSafe]
    public void Append(scoped ReadOnlySpan<char> text)
    {
        int count = Math.Min(text.Length, _storage.Length - _length);
        text[..count].CopyTo(_storage[_length..]);
        _length += count;
    }

    [InterruptSafe]
    public void Append(char value)
    {
        if (_length < _storage.Length)
        {
            _storage[_length++] = value;
        }
    }

    /// <summary>Appends a number in decimal, padded on the left.</summary>
    [InterruptSafe]
    public void AppendDecimal(long value, int width = 0, char padding = ' ')
    {
        Span<char> digits = stackalloc char[20];
        int position = digits.Length;
        ulong rest = value < 0 ? (ulong)-value : (ulong)value;
        do
        {
            digits[--position] = (char)('0' + rest % 10);
            rest /= 10;
        }
        while (rest != 0);
        if (value < 0)
        {
            digits[--position] = '-';
        }

        for (int i = digits.Length - position; i < width; i++)
        {
            Append(padding);
        }

        Append(digits[position..]);
    }

    /// <summary>Appends a number as 16 hexadecimal digits.</summary>
    [InterruptSafe]
    public void AppendHex(ulong value)
    {
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            Append((char)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
    }
}
