// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Ostd.Torture;

/// <summary>
/// A small graph of objects of many shapes: leaves of all size classes, arrays of bytes, references and structs, strings, boxes, collections, shared and cyclic references. Each
/// part carries a sum of its content, and the graph the sum of its parts, so that a cell that was freed and used again is noticed.
/// </summary>
internal sealed class Graph
{
    private readonly List<Part> _parts = [];
    private readonly ulong _sum;

    public Graph(Dice dice, int size)
    {
        for (int i = 0; i < size; i++)
        {
            Part part = Create(dice);
            if (_parts.Count > 0)
            {
                // Backwards and forwards: shared parts, and cycles.
                part.Other = _parts[dice.Below(_parts.Count)];
                if (dice.OneIn(3))
                {
                    part.Other.Other = part;
                }
            }

            _parts.Add(part);
            _sum += part.Sum;
        }
    }

    /// <summary>Throws when any content has changed.</summary>
    public void Check()
    {
        ulong sum = 0;
        foreach (Part part in _parts)
        {
            CheckPart(part);
            sum += part.Sum;
            // What only another part's reference leads to; the references may go in circles.
            Part? other = part.Other;
            for (int step = 0; step < 3 && other is not null; step++, other = other.Other)
            {
                CheckPart(other);
            }
        }

        TortureException.Unless(sum == _sum, "a graph has lost a part");
    }

    private static void CheckPart(Part part)
    {
        ulong content = part.Compute();
        if (content != part.Sum)
        {
            throw new TortureException("a " + part.GetType().Name + " has changed: its sum is " + content.ToString("x") + " and was " + part.Sum.ToString("x"));
        }
    }

    private static Part Create(Dice dice)
    {
        Part part = dice.Below(9) switch
        {
            0 => new SmallPart { Value = dice.Next() },
            1 => new WidePart { A = dice.Next(), B = 1, C = dice.Next(), D = 2, E = dice.Next(), F = 3, G = 4, H = dice.Next(), Name = dice.Next().ToString("x") },
            2 => new BytesPart(dice, dice.Below(300)),
            3 => new BytesPart(dice, dice.OneIn(20) ? 20_000 + dice.Below(50_000) : dice.Below(4000)),
            4 => new ReferencesPart(dice, dice.Below(40)),
            5 => new StructsPart(dice, dice.Below(20)),
            6 => new TextPart(dice),
            7 => new DictionaryPart(dice, dice.Below(30)),
            _ => new BoxesPart(dice, 1 + dice.Below(10)),
        };
        part.Sum = part.Compute();
        return part;
    }

    private abstract class Part
    {
        public Part? Other;
        public ulong Sum;

        public abstract ulong Compute();
    }

    private sealed class SmallPart : Part
    {
        public ulong Value;

        public override ulong Compute() => Value * 3;
    }

    private sealed class WidePart : Part
    {
        public ulong A, B, C, D, E, F, G, H;
        public string? Name;

        public override ulong Compute() => A + (B ^ C) + D + (E ^ F) + G + H + TextPart.SumOf(Name!);
    }

    private sealed class BytesPart : Part
    {
        private readonly byte[] _bytes;

        public BytesPart(Dice dice, int length)
        {
            _bytes = new byte[length];
            ulong bits = dice.Next();
            for (int i = 0; i < length; i += 1 + (i & 31))
            {
                _bytes[i] = (byte)(bits >> (i & 31));
            }
        }

        public override ulong Compute()
        {
            ulong sum = (ulong)_bytes.Length;
            foreach (byte value in _bytes)
            {
                sum = sum * 31 + value;
            }

            return sum;
        }
    }

    private sealed class ReferencesPart : Part
    {
        private readonly object?[] _items;

        public ReferencesPart(Dice dice, int length)
        {
            _items = new object?[length];
            for (int i = 0; i < length; i++)
            {
                _items[i] = dice.Below(4) switch { 0 => null, 1 => new SmallPart { Value = dice.Next() }, 2 => i > 0 ? _items[dice.Below(i)] : null, _ => dice.Next() };
            }
        }

        public override ulong Compute()
        {
            ulong sum = (ulong)_items.Length;
            foreach (object? item in _items)
            {
                sum = sum * 17 + item switch { SmallPart part => part.Compute(), ulong number => number, null => 1, _ => throw new TortureException("an array holds a " + item.GetType().Name) };
            }

            return sum;
        }
    }

    // References inside of structs inside of an array: the collector's series descriptors repeat.
    private struct Pair
    {
        public ulong Number;
        public string? Text;
        public SmallPart? Small;
    }

    private sealed class StructsPart : Part
    {
        private readonly Pair[] _pairs;

        public StructsPart(Dice dice, int length)
        {
            _pairs = new Pair[length];
            foreach (ref Pair pair in _pairs.AsSpan())
            {
                pair = new Pair { Number = dice.Next(), Text = dice.OneIn(2) ? null : dice.Next().ToString("x"), Small = new SmallPart { Value = dice.Next() } };
            }
        }

        public override ulong Compute()
        {
            ulong sum = 0;
            foreach (Pair pair in _pairs)
            {
                sum = sum * 13 + pair.Number + (pair.Text is null ? 0 : TextPart.SumOf(pair.Text)) + pair.Small!.Compute();
            }

            return sum;
        }
    }

    private sealed class TextPart(Dice dice) : Part
    {
        private readonly string _text = string.Concat(dice.Next().ToString("x"), "-", dice.Next().ToString("x"));

        public override ulong Compute() => SumOf(_text);

        public static ulong SumOf(string text)
        {
            ulong sum = (ulong)text.Length;
            foreach (char c in text)
            {
                sum = sum * 7 + c;
            }

            return sum;
        }
    }

    private sealed class DictionaryPart : Part
    {
        private readonly Dictionary<ulong, string> _entries = [];

        public DictionaryPart(Dice dice, int count)
        {
            for (int i = 0; i < count; i++)
            {
                _entries[dice.Next()] = i.ToString();
            }
        }

        public override ulong Compute()
        {
            ulong sum = (ulong)_entries.Count;
            foreach ((ulong key, string value) in _entries)
            {
                sum += key * TextPart.SumOf(value);
            }

            return sum;
        }
    }

    private sealed class BoxesPart : Part
    {
        private readonly List<object> _boxes = [];

        public BoxesPart(Dice dice, int count)
        {
            for (int i = 0; i < count; i++)
            {
                _boxes.Add(dice.OneIn(2) ? dice.Next() : (object)new Pair { Number = dice.Next() });
            }
        }

        public override ulong Compute()
        {
            ulong sum = 0;
            foreach (object box in _boxes)
            {
                sum = sum * 5 + (box is ulong number ? number : ((Pair)box).Number);
            }

            return sum;
        }
    }
}
