// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler.Cases;

/// <summary>Floating point: comparisons with NaN in both forms, signed zeros, remainders, and the functions of Math that give one exact result.</summary>
internal static class FloatCases
{
    private static double[] s_doubles = [0, -0.0, 1, -1, 0.5, 2.5, -2.5, 1e300, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity, double.NaN];
    private static float[] s_singles = [0, -0f, 1, -1.5f, float.MaxValue, float.Epsilon, float.PositiveInfinity, float.NegativeInfinity, float.NaN];

    internal static void ComparisonsAsValues(Output o)
    {
        foreach (double other in s_doubles)
        {
            o.ForEach($"with {other}", s_doubles, v => $"{v < other}{v <= other}{v > other}{v >= other}{v == other}{v != other}");
        }
    }

    // The negations make the unordered forms of the instructions.
    internal static void NegatedComparisons(Output o)
    {
        foreach (double other in s_doubles)
        {
            o.ForEach($"with {other}", s_doubles, v => $"{!(v < other)}{!(v <= other)}{!(v > other)}{!(v >= other)}");
        }
    }

    internal static void ComparisonsInBranches(Output o)
    {
        foreach (float other in s_singles)
        {
            o.ForEach($"with {other}", s_singles, v => Order(v, other));
        }
    }

    private static int Order(float x, float y)
    {
        int result = 0;
        if (x < y) { result += 1; }
        if (x <= y) { result += 2; }
        if (x > y) { result += 4; }
        if (x >= y) { result += 8; }
        if (x == y) { result += 16; }
        if (!(x < y)) { result += 32; }
        if (!(x >= y)) { result += 64; }
        while (x != y) { result += 128; break; }
        return result;
    }

    internal static void LoopsEndAtNaN(Output o)
    {
        double[] values = [1, 2, double.NaN, 3];
        int index = 0;
        while (values[index] < 10)
        {
            index++;
        }

        o.Line(index);
        do
        {
            index--;
        }
        while (!(values[index] >= 2) && index > 0);
        o.Line(index);
    }

    internal static void Arithmetic(Output o)
    {
        foreach (double other in s_doubles)
        {
            o.ForEach($"plus {other}", s_doubles, v => BitConverter.DoubleToInt64Bits(Canonical(v + other)));
            o.ForEach($"times {other}", s_doubles, v => BitConverter.DoubleToInt64Bits(Canonical(v * other)));
            o.ForEach($"by {other}", s_doubles, v => BitConverter.DoubleToInt64Bits(Canonical(v / other)));
        }
    }

    // The sign and the payload of a NaN depend on the processor.
    private static double Canonical(double value) => double.IsNaN(value) ? double.NaN : value;

    internal static void Remainders(Output o)
    {
        double[] values = [5.5, -5.5, 0, -0.0, 1e300, double.PositiveInfinity, double.NaN];
        foreach (double by in new[] { 2, -2, 0.1, 0, double.PositiveInfinity })
        {
            o.ForEach($"rest by {by}", values, v => Canonical(v % by));
            o.ForEach($"IEEE rest by {by}", values, v => Canonical(Math.IEEERemainder(v, by)));
        }

        o.ForEach("float", new[] { 7.5f, -7.5f, 1e30f }, v => v % 3f);
    }

    internal static void SignedZeros(Output o)
    {
        double zero = s_doubles[0], minus = s_doubles[1];
        o.Line(zero == minus);
        o.Line(zero.Equals(minus));
        o.Line(1 / zero == 1 / minus);
        o.Line((-zero).ToString());
        o.Line((zero + minus).ToString());
        o.Line((minus + minus).ToString());
        o.Line((zero * -1).ToString());
        o.Line(Math.Sign(minus));
        o.Line(double.IsNegative(minus));
        o.Line((0 - zero).ToString());
    }

    internal static void NaNInCollections(Output o)
    {
        double nan = s_doubles[^1];
        o.Line(nan == nan);
        o.Line(nan.Equals(nan));
        o.Line(nan.CompareTo(1));
        o.Line(Array.IndexOf(s_doubles, nan));
        double[] sorted = [2, nan, -1, double.PositiveInfinity, double.NegativeInfinity, nan, 0.5];
        Array.Sort(sorted);
        o.Line(string.Join(" ", sorted));
        o.Line(double.IsNaN(Math.Max(1, nan)));
        o.Line(double.IsNaN(Math.Min(nan, 1)));
        o.Line(Math.Max(-0.0, 0.0).ToString());
    }

    internal static void Rounding(Output o)
    {
        double[] values = [0.5, 1.5, 2.5, -0.5, -1.5, 2.4999, 1e16, 0.49999999999999994, -0.2, double.NaN, double.NegativeInfinity];
        o.ForEach("floor", values, v => Math.Floor(v));
        o.ForEach("ceiling", values, v => Math.Ceiling(v));
        o.ForEach("truncate", values, v => Math.Truncate(v));
        o.ForEach("round", values, v => Math.Round(v));
        o.ForEach("round away", values, v => Math.Round(v, MidpointRounding.AwayFromZero));
        o.ForEach("round up", values, v => Math.Round(v, MidpointRounding.ToPositiveInfinity));
        o.ForEach("one digit", new[] { 2.25, 2.35, -2.45 }, v => Math.Round(v, 1));
        o.ForEach("float", new[] { 0.5f, 1.5f, -2.5f }, v => MathF.Round(v));
    }

    internal static void ExactFunctions(Output o)
    {
        o.ForEach("abs", s_doubles, v => Math.Abs(v));
        o.ForEach("sqrt", s_doubles, v => Canonical(Math.Sqrt(v)));
        o.ForEach("sqrt of float", s_singles, v => float.IsNaN(MathF.Sqrt(v)) ? float.NaN : MathF.Sqrt(v));
        o.ForEach("copy sign", s_doubles, v => Math.CopySign(3, v));
        o.ForEach("next", s_doubles, v => BitConverter.DoubleToInt64Bits(Canonical(Math.BitIncrement(v))));
        o.ForEach("exponent", s_doubles, v => Math.ILogB(v));
        o.ForEach("scaled", s_doubles, v => Math.ScaleB(v, 3));
        o.ForEach("clamped", s_doubles, v => Math.Clamp(v, -1, 1));
    }

    internal static void Classification(Output o)
    {
        o.ForEach("finite", s_doubles, v => double.IsFinite(v));
        o.ForEach("normal", s_doubles, v => double.IsNormal(v));
        o.ForEach("subnormal", s_doubles, v => double.IsSubnormal(v));
        o.ForEach("integer", s_doubles, v => double.IsInteger(v));
        o.ForEach("infinite", s_singles, v => float.IsInfinity(v));
        o.ForEach("hash", s_doubles, v => double.IsNaN(v) ? 0 : v.GetHashCode());
    }

    internal static void IncrementsAndConditions(Output o)
    {
        double sum = 0;
        for (float f = 0; f < 1; f += 0.1f)
        {
            sum += f;
        }

        o.Line(BitConverter.DoubleToInt64Bits(sum));
        float counter = 16777215;
        counter++;
        counter++;
        o.Line(counter.ToString());
        double down = 0.3;
        down--;
        o.Line(down.ToString());
        o.Line(s_doubles[2] > 0 ? "positive" : "not");
        o.Line((s_doubles[^1] > 0 ? 1 : 0) + (s_doubles[^1] <= 0 ? 1 : 0));
    }
}
