// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Patterns and switches.</summary>
internal static class PatternCases
{
    private abstract record Shape;

    private sealed record Circle(double Radius) : Shape;

    private sealed record Box(int Width, int Height) : Shape;

    private sealed record Group(string Name, params Shape[] Parts) : Shape;

    private static string Describe(object value) => value switch
    {
        null => "nothing",
        Circle { Radius: 0 } => "a point",
        Circle { Radius: > 100 or < 0 } => "a strange circle",
        Circle c => "a circle of " + c.Radius,
        Box(var w, var h) when w == h => "a square of " + w,
        Box(0, _) or Box(_, 0) => "a line",
        Box { Width: var width, Height: > 10 } => "a tall box of " + width,
        Box => "a box",
        Group { Name.Length: > 5, Parts: [] } => "an empty group with a long name",
        Group { Parts: [Circle, .., Box] } => "from circle to box",
        Group { Parts: [var only] } => "just " + Describe(only),
        Group { Parts: [_, _, ..] parts } => parts.Length + " parts",
        int and (< 0 or > 1000) => "a far number",
        int n => "the number " + n,
        string { Length: 0 } => "no text",
        string and ['a', .., 'z'] => "from a to z",
        string and [var first, .. var rest] => $"{first} and {rest}",
        IEnumerable<int> => "numbers",
        _ => "something",
    };

    internal static void OfEveryKind(Output o)
    {
        object[] values =
        [
            null, new Circle(0), new Circle(101), new Circle(-1), new Circle(double.NaN), new Circle(3), new Box(2, 2), new Box(0, 5), new Box(5, 0), new Box(1, 11), new Box(1, 2),
            new Group("long name"), new Group("x", new Circle(1), new Box(1, 2)), new Group("x", new Circle(0)), new Group("x", new Box(1, 1), new Box(1, 1)),
            -5, 1001, 5, "", "abcz", "xy", new List<int>(), 'c', new Group("y"),
        ];
        foreach (object value in values)
        {
            o.Line(Describe(value));
        }
    }

    internal static void DenseSwitch(Output o)
    {
        for (int i = -2; i <= 10; i++)
        {
            int result;
            switch (i)
            {
                case 0:
                    result = 100;
                    break;
                case 1:
                case 2:
                    result = 200;
                    break;
                case 3:
                    result = 300;
                    goto case 5;
                case 5:
                    result = 500;
                    break;
                case 7:
                    result = 700;
                    goto default;
                default:
                    result = -i;
                    break;
            }

            o.Line(result);
        }
    }

    internal static void SparseSwitch(Output o)
    {
        foreach (long value in new[] { 0L, 1, -1, 1000, 100000, int.MaxValue, 0x100000001, long.MinValue, long.MaxValue })
        {
            o.Line(value switch
            {
                long.MinValue => "least",
                -1 => "minus one",
                1 => "one",
                1000 => "thousand",
                0x100000001 => "wide",
                int.MaxValue => "int",
                long.MaxValue => "greatest",
                _ => "other",
            });
        }
    }

    private static int ByText(string text) => text switch
    {
        "zero" => 0,
        "one" => 1,
        "two" => 2,
        "three" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "" => -1,
        null => -2,
        _ => -3,
    };

    internal static void SwitchOnStrings(Output o)
    {
        foreach (string text in new[] { "zero", "one", "three", "seven", "eight", "nine", "Zero", "", null, "tw" + 'o' })
        {
            o.Line(ByText(text));
        }
    }

    private static string Size(int value) => value switch
    {
        <= 0 => "none",
        1 => "one",
        < 5 => "few",
        >= 5 and < 10 or 12 => "some",
        > 1000 and not 2000 => "very many",
        _ => "many",
    };

    internal static void Relations(Output o)
    {
        foreach (int value in new[] { -1, 0, 1, 4, 5, 9, 10, 11, 12, 13, 1001, 2000 })
        {
            o.Line(Size(value));
        }
    }

    private static string Light(string state, bool isNight) => (state, isNight) switch
    {
        ("red", _) => "stop",
        ("green", true) => "drive slowly",
        ("green", false) => "drive",
        (null, var night) => "off " + night,
        (_, true) => "look",
        _ => "wait",
    };

    internal static void Tuples(Output o)
    {
        foreach (string state in new[] { "red", "green", "yellow", null })
        {
            o.Line(Light(state, true) + " " + Light(state, false));
        }
    }

    private static string ListShape(int[] values) => values switch
    {
        [] => "empty",
        [0] => "zero",
        [var only] => "one " + only,
        [1, 2, ..] => "starts with one, two",
        [.., 9] => "ends with nine",
        [< 0, _, > 0] => "from below to above",
        [var first, .. { Length: 2 } middle, var last] => $"four: {first} {middle[0] + middle[1]} {last}",
        [_, ..] => "longer",
        null => "null",
    };

    internal static void Lists(Output o)
    {
        foreach (int[] values in new int[][] { [], [0], [5], [1, 2], [1, 2, 9], [3, 9], [-1, 0, 1], [4, 5, 6, 7], [4, 5, 6, 7, 8], null })
        {
            o.Line(ListShape(values));
        }
    }

    internal static void VariablesOfPatterns(Output o)
    {
        object value = "text";
        if (value is string { Length: var length } text && length > 3)
        {
            o.Line(text + length);
        }

        if (value is not int number)
        {
            number = -1;
        }

        o.Line(number);
        object boxed = 5;
        while (boxed is int and < 8 and var current)
        {
            boxed = (int)boxed + 1;
            o.Line(current.ToString());
        }

        o.Line(boxed is > 7);
    }

    internal static void NoArmMatches(Output o)
    {
        int value = 5;
        try
        {
            o.Line(value switch { 1 => "one", 2 => "two", });
        }
        catch (InvalidOperationException)
        {
            o.Line("no arm matched");
        }
    }

    private enum Colour : byte
    {
        Red,
        Green = 5,
        Blue = 200,
    }

    internal static void SwitchOnEnumsAndChars(Output o)
    {
        foreach (Colour colour in new[] { Colour.Red, Colour.Green, Colour.Blue, (Colour)7 })
        {
            o.Line(colour switch { Colour.Red => "red", Colour.Green => "green", Colour.Blue => "blue", _ => "unknown" });
        }

        int vowels = 0, digits = 0, others = 0;
        foreach (char c in "a1b2e!")
        {
            switch (c)
            {
                case 'a' or 'e' or 'i' or 'o' or 'u':
                    vowels++;
                    break;
                case >= '0' and <= '9':
                    digits++;
                    break;
                default:
                    others++;
                    break;
            }
        }

        o.Line($"{vowels} {digits} {others}");
    }

    internal static void TypeSwitchStatement(Output o)
    {
        foreach (object value in new object[] { 1, 2L, "x", 3.5, new[] { 1 }, (byte)4, null })
        {
            switch (value)
            {
                case int i when i > 5:
                    o.Line("large int");
                    break;
                case int i:
                    o.Line("int " + i);
                    break;
                case long or byte:
                    o.Line("another integer");
                    break;
                case IFormattable f:
                    o.Line(f.ToString("F2", null));
                    break;
                case Array { Length: 1 }:
                    o.Line("an array of one");
                    break;
                case null:
                    o.Line("null");
                    break;
                default:
                    o.Line("else");
                    break;
            }
        }
    }
}
