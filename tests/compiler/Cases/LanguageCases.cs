// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Asterion.Compiler.Cases;

internal static class LanguageCases
{
    private ref struct Reader(ReadOnlySpan<char> text)
    {
        private ReadOnlySpan<char> _rest = text;

        public bool TryNext(out int value)
        {
            value = 0;
            _rest = _rest.TrimStart(' ');
            int digits = 0;
            while (digits < _rest.Length && char.IsAsciiDigit(_rest[digits]))
            {
                value = (value * 10) + (_rest[digits++] - '0');
            }

            _rest = _rest[digits..];
            return digits > 0;
        }
    }

    internal static void RefStructs(Output o)
    {
        var reader = new Reader("12 7  345 x");
        while (reader.TryNext(out int value))
        {
            o.Line(value);
        }
    }

    internal static void RefReturns(Output o)
    {
        int[] numbers = [1, 2, 3];
        ref int largest = ref Largest(numbers);
        largest = 30;
        o.Line(numbers[2]);
        Swap(ref numbers[0], ref numbers[1]);
        o.Line(numbers[0]);
        ref readonly int first = ref numbers[0];
        o.Line(first);
    }

    private static ref int Largest(int[] numbers)
    {
        ref int largest = ref numbers[0];
        for (int i = 1; i < numbers.Length; i++)
        {
            if (numbers[i] > largest)
            {
                largest = ref numbers[i];
            }
        }

        return ref largest;
    }

    private static void Swap<T>(ref T a, ref T b) => (a, b) = (b, a);

    private struct Matrix
    {
        public double A, B, C, D;

        public static Matrix operator *(Matrix x, Matrix y) => new()
        {
            A = (x.A * y.A) + (x.B * y.C),
            B = (x.A * y.B) + (x.B * y.D),
            C = (x.C * y.A) + (x.D * y.C),
            D = (x.C * y.B) + (x.D * y.D),
        };
    }

    internal static void LargeStructs(Output o)
    {
        var power = new Matrix { A = 1, D = 1 };
        var step = new Matrix { A = 1, B = 1, C = 1 };
        for (int i = 0; i < 30; i++)
        {
            power *= step;
        }

        o.Line(power.B.ToString());
        Matrix copy = power;
        copy.A = 0;
        o.Line(power.A.ToString());
        Matrix[] many = [power, copy];
        many[1].D++;
        o.Line((many[1].D - copy.D).ToString());
    }

    internal static void Patterns(Output o)
    {
        object[] things = [1, "two", 3.0, null, new int[] { 1, 2, 3 }, (4, "four"), 'c', -7L];
        foreach (object thing in things)
        {
            o.Line(thing switch
            {
                int and > 0 => "positive int",
                string { Length: 3 } s => "three letters " + s,
                double d when d > 2 => "double",
                null => "null",
                int[] and [1, .., var last] => "array to " + last,
                (int number, string text) => number + text,
                char and >= 'a' and <= 'z' => "letter",
                _ => "other",
            });
        }
    }

    internal static void LocalFunctions(Output o)
    {
        int calls = 0;
        o.Line(Ackermann(2, 3));
        o.Line(calls);

        int Ackermann(int m, int n)
        {
            calls++;
            return m == 0 ? n + 1 : n == 0 ? Ackermann(m - 1, 1) : Ackermann(m - 1, Ackermann(m, n - 1));
        }
    }

    internal static void OptionalAndNamed(Output o)
    {
        o.Line(Format(1));
        o.Line(Format(number: 2, suffix: "?"));
        o.Line(Format(3, prefix: "<", suffix: ">"));
        o.Line(Total());
        o.Line(Total(1, 2, 3));
    }

    private static string Format(int number, string prefix = "(", string suffix = ")") => prefix + number + suffix;

    private static int Total(params ReadOnlySpan<int> numbers)
    {
        int total = 0;
        foreach (int number in numbers)
        {
            total += number;
        }

        return total;
    }

    private sealed class Grid
    {
        private readonly Dictionary<(int, int), string> _cells = [];

        public string this[int x, int y]
        {
            get => _cells.TryGetValue((x, y), out string cell) ? cell : "empty";
            set => _cells[(x, y)] = value;
        }
    }

    internal static void Indexers(Output o)
    {
        var grid = new Grid();
        grid[1, 2] = "full";
        o.Line(grid[1, 2]);
        o.Line(grid[2, 1]);
    }

    internal static void StringSwitchAndGoto(Output o)
    {
        int rounds = 0;
    again:
        rounds++;
        if (rounds < 3)
        {
            goto again;
        }

        switch (rounds)
        {
            case 3:
                o.Line("three");
                goto case 5;
            case 5:
                o.Line("five");
                break;
        }

        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                if (i * j == 2)
                {
                    goto done;
                }
            }
        }

    done:
        o.Line("done");
    }

    internal static void ConditionalAccess(Output o)
    {
        string text = null;
        o.Line(text?.Length ?? -1);
        text ??= "set";
        o.Line(text?.Length ?? -1);
        int[] numbers = null;
        o.Line(numbers?[0] is null);
        List<string> list = [null, "x"];
        o.Line(list[0]?.ToUpperInvariant() ?? "none");
    }

    internal static void UserConversions(Output o)
    {
        Celsius warm = 25;
        Fahrenheit same = (Fahrenheit)warm;
        o.Line(same.Degrees);
        int back = (int)(Celsius)same;
        o.Line(back);
    }

    private readonly record struct Celsius(int Degrees)
    {
        public static implicit operator Celsius(int degrees) => new(degrees);

        public static explicit operator int(Celsius value) => value.Degrees;

        public static explicit operator Fahrenheit(Celsius value) => new((value.Degrees * 9 / 5) + 32);
    }

    private readonly record struct Fahrenheit(int Degrees)
    {
        public static explicit operator Celsius(Fahrenheit value) => new((value.Degrees - 32) * 5 / 9);
    }

    internal static void DeepRecursion(Output o)
    {
        o.Line(Depth(10_000));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Depth(int left) => left == 0 ? 0 : 1 + Depth(left - 1);

    internal static void LazyValues(Output o)
    {
        int made = 0;
        var lazy = new Lazy<string>(() => "value " + ++made, isThreadSafe: false);
        o.Line(lazy.IsValueCreated);
        o.Line(lazy.Value);
        o.Line(lazy.Value);
        o.Line(made);
    }

    internal static void Primes(Output o)
    {
        bool[] composite = new bool[2000];
        int count = 0;
        for (int i = 2; i < composite.Length; i++)
        {
            if (composite[i])
            {
                continue;
            }

            count++;
            for (int j = i * i; j < composite.Length; j += i)
            {
                composite[j] = true;
            }
        }

        o.Line(count);
    }

    internal static void Collatz(Output o)
    {
        long longest = 0;
        int best = 0;
        var known = new Dictionary<long, long> { [1] = 1 };
        for (int i = 1; i < 3000; i++)
        {
            long length = Length(i, known);
            if (length > longest)
            {
                longest = length;
                best = i;
            }
        }

        o.Line(best);
        o.Line(longest);
    }

    private static long Length(long n, Dictionary<long, long> known)
    {
        if (!known.TryGetValue(n, out long length))
        {
            length = 1 + Length(n % 2 == 0 ? n / 2 : checked((3 * n) + 1), known);
            known.Add(n, length);
        }

        return length;
    }
}
