// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty.Discipline;

/// <summary>
/// Output processing (c_oflag, man 3 termios), and the column of the cursor, which tabs, ONOCR and the erasing of tabs need. Programs' output and echo pass through the same one, since they share the cursor.
/// Not thread-safe.
/// </summary>
internal sealed class OutputProcessor
{
    /// <summary>Most bytes that one byte can become: a tab expanded to blanks.</summary>
    public const int MaxExpansion = 8;

    private const int TabWidth = 8;

    private uint _column;

    /// <summary>Modes in force.</summary>
    public OutputModes Modes { get; set; }

    /// <summary>Multi-byte characters take one column (IUTF8).</summary>
    public bool IsUtf8 { get; set; }

    /// <summary>Column of the cursor, from 0.</summary>
    public uint Column => _column;

    /// <summary>Column where the line under edit began.</summary>
    public uint LineStartColumn { get; set; }

    /// <summary>The cursor went left without output (erasing a tab).</summary>
    public void MoveBack(uint columns) => _column -= Math.Min(columns, _column);

    /// <summary>Bytes went out unprocessed.</summary>
    public void Advance(uint columns) => _column += columns;

    /// <summary>Processes as much as fits.</summary>
    /// <param name="consumed">Bytes of the source that were taken.</param>
    /// <returns>Bytes written to <paramref name="destination"/>.</returns>
    public int Process(ReadOnlySpan<byte> source, Span<byte> destination, out int consumed)
    {
        if ((Modes & OutputModes.OPOST) == 0)
        {
            consumed = Math.Min(source.Length, destination.Length);
            source[..consumed].CopyTo(destination);
            return consumed;
        }

        var written = 0;
        consumed = 0;
        foreach (var character in source)
        {
            // Printable ASCII needs no thought, and is most of it.
            if (character is >= 0x20 and < 0x7f && (Modes & OutputModes.OLCUC) == 0)
            {
                if (written == destination.Length)
                {
                    break;
                }

                destination[written++] = character;
                _column++;
            }
            else
            {
                var count = ProcessOne(character, destination[written..]);
                if (count < 0)
                {
                    break;
                }

                written += count;
            }

            consumed++;
        }

        return written;
    }

    /// <summary>Processes one byte.</summary>
    /// <returns>Bytes written; -1 when they do not fit, and then nothing has changed.</returns>
    public int ProcessOne(byte character, Span<byte> destination)
    {
        if ((Modes & OutputModes.OPOST) == 0)
        {
            return Put(character, destination);
        }

        switch (character)
        {
            case (byte)'\n':
                return ProcessNewline(destination);

            case (byte)'\r':
                if ((Modes & OutputModes.ONOCR) != 0 && _column == 0)
                {
                    return 0;
                }

                if (destination.IsEmpty)
                {
                    return -1;
                }

                if ((Modes & OutputModes.OCRNL) != 0)
                {
                    character = (byte)'\n';
                    if ((Modes & OutputModes.ONLRET) != 0)
                    {
                        _column = LineStartColumn = 0;
                    }
                }
                else
                {
                    _column = LineStartColumn = 0;
                }

                return Put(character, destination);

            case (byte)'\t':
                return ProcessTab(destination);

            case (byte)'\b':
                if (destination.IsEmpty)
                {
                    return -1;
                }

                MoveBack(1);
                return Put(character, destination);

            default:
                if (destination.IsEmpty)
                {
                    return -1;
                }

                if (!IsControl(character))
                {
                    if ((Modes & OutputModes.OLCUC) != 0 && character is >= (byte)'a' and <= (byte)'z')
                    {
                        character -= 0x20;
                    }

                    if (!IsContinuation(character))
                    {
                        _column++;
                    }
                }

                return Put(character, destination);
        }
    }

    /// <summary>True for the second and further bytes of a UTF-8 character, when those count.</summary>
    public bool IsContinuation(byte character) => IsUtf8 && (character & 0xc0) == 0x80;

    /// <summary>True for the characters that ECHOCTL shows with a circumflex.</summary>
    public static bool IsControl(byte character) => character is < 0x20 or 0x7f;

    private int ProcessNewline(Span<byte> destination)
    {
        if ((Modes & OutputModes.ONLCR) != 0)
        {
            if (destination.Length < 2)
            {
                return -1;
            }

            _column = LineStartColumn = 0;
            destination[0] = (byte)'\r';
            destination[1] = (byte)'\n';
            return 2;
        }

        if (destination.IsEmpty)
        {
            return -1;
        }

        if ((Modes & OutputModes.ONLRET) != 0)
        {
            _column = 0;
        }

        LineStartColumn = _column;
        return Put((byte)'\n', destination);
    }

    private int ProcessTab(Span<byte> destination)
    {
        var blanks = TabWidth - (int)(_column % TabWidth);
        if ((Modes & OutputModes.XTABS) == OutputModes.XTABS)
        {
            if (destination.Length < blanks)
            {
                return -1;
            }

            destination[..blanks].Fill((byte)' ');
            _column += (uint)blanks;
            return blanks;
        }

        if (destination.IsEmpty)
        {
            return -1;
        }

        _column += (uint)blanks;
        return Put((byte)'\t', destination);
    }

    private static int Put(byte character, Span<byte> destination)
    {
        if (destination.IsEmpty)
        {
            return -1;
        }

        destination[0] = character;
        return 1;
    }
}
