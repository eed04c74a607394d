// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Numerics;

namespace Asterion.Compiler.Cases;

/// <summary>Static abstract and virtual members of interfaces, and the generic arithmetic that is made of them.</summary>
internal static class StaticAbstractCases
{
    private interface IUnit<TSelf>
        where TSelf : IUnit<TSelf>
    {
        static abstract string Symbol { get; }

        static abstract TSelf operator +(TSelf left, TSelf right);

        static abstract explicit operator int(TSelf value);

        static virtual string Describe() => "in " + TSelf.Symbol;

        static virtual TSelf Double(TSelf value) => value + value;
    }

    private readonly struct Metre(int value) : IUnit<Metre>
    {
        public static string Symbol => "m";

        public static Metre operator +(Metre left, Metre right) => new((int)left + (int)right);

        public static explicit operator int(Metre value) => value.Value;

        private int Value { get; } = value;
    }

    private sealed class Second(int value) : IUnit<Second>
    {
        static string IUnit<Second>.Symbol => "s";

        static Second IUnit<Second>.operator +(Second left, Second right) => new(left.Value + right.Value);

        static explicit IUnit<Second>.operator int(Second value) => value.Value;

        static string IUnit<Second>.Describe() => "seconds";

        static Second IUnit<Second>.Double(Second value) => new(value.Value * 2 + 1000);

        private int Value { get; } = value;
    }

    private static string Show<T>(T value)
        where T : IUnit<T> => (int)T.Double(value + value) + T.Symbol + ", " + T.Describe();

    internal static void OperatorsAndProperties(Output o)
    {
        o.Line(Show(new Metre(3)));
        o.Line(Show(new Second(4)));
    }

    private static T Sum<T>(params T[] values)
        where T : INumber<T>
    {
        T sum = T.Zero;
        foreach (T value in values)
        {
            sum += value;
        }

        return sum;
    }

    internal static void NumbersOfEveryType(Output o)
    {
        o.Line(Sum(1, 2, 3));
        o.Line(Sum(1.5, 2.25).ToString());
        o.Line(Sum(1.10m, 2m).ToString());
        o.Line(Sum<byte>(200, 100));
        o.Line(Sum(ulong.MaxValue, 2UL).ToString());
        o.Line(Sum((Half)1.5, (Half)2).ToString());
        o.Line(Sum(Int128.MaxValue, Int128.MinValue).ToString());
        o.Line(Sum('a', (char)1).ToString());
    }

    private static string Limits<T>()
        where T : IMinMaxValue<T>, IBinaryInteger<T> => $"{T.MinValue} {T.MaxValue} {T.PopCount(T.MaxValue)} {T.LeadingZeroCount(T.One)}";

    internal static void LimitsOfIntegers(Output o)
    {
        o.Line(Limits<sbyte>());
        o.Line(Limits<byte>());
        o.Line(Limits<short>());
        o.Line(Limits<ushort>());
        o.Line(Limits<int>());
        o.Line(Limits<uint>());
        o.Line(Limits<long>());
        o.Line(Limits<ulong>());
        o.Line(Limits<nint>());
        o.Line(Limits<Int128>());
        o.Line(Limits<UInt128>());
    }

    private static string Create<T>(double value)
        where T : INumber<T>
    {
        string exact;
        try
        {
            exact = T.CreateChecked(value).ToString();
        }
        catch (OverflowException)
        {
            exact = "overflow";
        }

        return exact + " " + T.CreateSaturating(value) + " " + T.CreateTruncating(value);
    }

    internal static void ConversionsBetweenNumbers(Output o)
    {
        foreach (double value in new[] { 5.9, -1, 300, 70000, 1e20 })
        {
            o.Line(Create<byte>(value));
            o.Line(Create<short>(value));
            o.Line(Create<int>(value));
            o.Line(Create<ulong>(value));
            o.Line(Create<double>(value));
        }
    }

    private static T ParseAll<T>(string text)
        where T : IParsable<T> => T.Parse(text, CultureInfo.InvariantCulture);

    internal static void Parsing(Output o)
    {
        o.Line(ParseAll<int>("-5"));
        o.Line(ParseAll<double>("1e3").ToString());
        o.Line(ParseAll<Guid>("00000000-0000-0000-0000-000000000001").ToString());
        o.Line(ParseAll<char>("x").ToString());
        o.Line(ParseAll<TimeSpan>("01:02:03").TotalSeconds.ToString());
        o.Throws(() => ParseAll<byte>("256"));
        o.Throws(() => ParseAll<long>("x"));
    }

    private static T Power<T>(T value, int exponent)
        where T : IMultiplyOperators<T, T, T>, IMultiplicativeIdentity<T, T>
    {
        T result = T.MultiplicativeIdentity;
        for (int i = 0; i < exponent; i++)
        {
            result *= value;
        }

        return result;
    }

    internal static void OwnNumbers(Output o)
    {
        o.Line(Power(3, 4));
        o.Line(Power(1.5, 3).ToString());
        o.Line(Power(new Modular(5), 6).Value);
    }

    private readonly record struct Modular(int Value) : IMultiplyOperators<Modular, Modular, Modular>, IMultiplicativeIdentity<Modular, Modular>
    {
        public static Modular MultiplicativeIdentity => new(1);

        public static Modular operator *(Modular left, Modular right) => new(left.Value * right.Value % 7);
    }

    private interface IParser<T>
    {
        static abstract bool TryRead(string text, out T value);
    }

    private abstract class NumberParser : IParser<int>
    {
        public static bool TryRead(string text, out int value) => int.TryParse(text, out value);
    }

    private sealed class FurtherParser : NumberParser, IParser<string>
    {
        public static bool TryRead(string text, out string value)
        {
            value = text + "!";
            return text.Length > 0;
        }
    }

    private static string Read<TParser, T>(string text)
        where TParser : IParser<T> => TParser.TryRead(text, out T value) ? "read " + value : "failed";

    internal static void ImplementedByBaseClasses(Output o)
    {
        o.Line(Read<NumberParser, int>("5"));
        o.Line(Read<FurtherParser, int>("x"));
        o.Line(Read<FurtherParser, int>("7"));
        o.Line(Read<FurtherParser, string>("7"));
    }

    private static Func<T, T, T> Adder<T>()
        where T : IAdditionOperators<T, T, T> => (a, b) => a + b;

    private static Func<string, IFormatProvider, T> Parser<T>()
        where T : IParsable<T> => T.Parse;

    internal static void InLambdasAndDelegates(Output o)
    {
        o.Line(Adder<int>()(1, 2));
        o.Line(Adder<decimal>()(1.5m, 2).ToString());
        o.Line(Parser<int>()("12", null));
        o.Line(Parser<decimal>()("1.25", null).ToString());
    }

    private static (T Quotient, T Remainder) Divide<T>(T left, T right)
        where T : IBinaryInteger<T> => T.DivRem(left, right);

    private static bool Overflows<T>(T left, T right)
        where T : INumber<T>
    {
        try
        {
            _ = checked(left + right);
            return false;
        }
        catch (OverflowException)
        {
            return true;
        }
    }

    internal static void CheckedOperators(Output o)
    {
        o.Line(Overflows<byte>(200, 100));
        o.Line(Overflows(int.MaxValue, 1));
        o.Line(Overflows(long.MinValue, -1));
        o.Line(Overflows<uint>(1, 2));
        o.Line(Overflows(UInt128.MaxValue, UInt128.One));
        o.Line(Overflows(1e308, 1e308));
        o.Line(Divide(-7, 2).Remainder);
        o.Line(Divide(200UL, 7UL).Quotient.ToString());
        o.Throws(() => Divide(1, 0));
        o.Throws(() => Divide(int.MinValue, -1));
    }

    private static T Shift<T>(T value, int by)
        where T : IShiftOperators<T, int, T> => ((value << by) >> by) >>> 1;

    internal static void Shifts(Output o)
    {
        o.Line(Shift<sbyte>(-3, 6));
        o.Line(Shift<byte>(0x81, 3));
        o.Line(Shift(-5, 28));
        o.Line(Shift(-5L, 60));
        o.Line(Shift<ushort>(0xffff, 7));
        o.Line(Shift((Int128)(-5), 100).ToString());
    }
}
