// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using Ostd.Runtime;
using Xunit;

namespace Asterion.Compiler.Tests;

/// <summary>Floating point in software, against the processor's.</summary>
public sealed class SoftwareFloatTests
{
    private const int RandomPairs = 200_000;

    private static readonly double[] s_corners =
    [
        0.0, -0.0, 1.0, -1.0, 2.0, 3.0, 0.1, 1.0 / 3, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        2.2250738585072014E-308, 2.2250738585072009E-308, 1E-310, 4503599627370496.5, 9007199254740993.0, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, ulong.MaxValue,
        2147483647.5, -2147483648.5, 9223372036854774784.0, 18446744073709549568.0, 1.5, 2.5, 0.5, 0.49999999999999994, 1E23, float.MaxValue, float.Epsilon, 1.1754943508222875E-38, 3.4028235677973366E+38,
    ];

    [Fact]
    public void Arithmetic_OnCornersAndRandomBits_IsTheProcessors()
    {
        foreach ((double x, double y) in Pairs())
        {
            Check(x + y, SoftwareFloat.Add(Bits(x), Bits(y)), x, y);
            Check(x * y, SoftwareFloat.Multiply(Bits(x), Bits(y)), x, y);
            Check(x / y, SoftwareFloat.Divide(Bits(x), Bits(y)), x, y);
            Check(Math.Sqrt(x), SoftwareFloat.SquareRoot(Bits(x)), x, y);
        }
    }

    [Fact]
    public void Comparison_OnCornersAndRandomBits_IsTheProcessors()
    {
        foreach ((double x, double y) in Pairs())
        {
            Assert.Equal(x < y, SoftwareFloat.Compare(Bits(x), Bits(y), 1) < 0);
            Assert.Equal(x > y, SoftwareFloat.Compare(Bits(x), Bits(y), -1) > 0);
            Assert.Equal(x == y, SoftwareFloat.Compare(Bits(x), Bits(y), 1) == 0);
        }
    }

    [Fact]
    public void Conversion_OnCornersAndRandomBits_IsTheProcessors()
    {
        foreach ((double x, double y) in Pairs())
        {
            Check((float)x, SoftwareFloat.FromSingle(SoftwareFloat.ToSingle(Bits(x))), x, y);
            Assert.Equal((long)x, SoftwareFloat.ToInt64(Bits(x), long.MinValue, long.MaxValue));
            Assert.Equal((int)x, (int)SoftwareFloat.ToInt64(Bits(x), int.MinValue, int.MaxValue));
            Assert.Equal((ulong)x, SoftwareFloat.ToUInt64(Bits(x), ulong.MaxValue));
            long integer = BitConverter.DoubleToInt64Bits(y);
            ulong magnitude = (ulong)integer;
            Check((double)magnitude, SoftwareFloat.FromInteger(magnitude, false), x, y);
            Check((double)integer, SoftwareFloat.FromInteger(integer < 0 ? (ulong)-integer : magnitude, integer < 0), x, y);
            Assert.Equal((float)magnitude, BitConverter.UInt32BitsToSingle(SoftwareFloat.SingleFromInteger(magnitude, false)));
        }
    }

    [Fact]
    public void SingleArithmetic_ByWayOfDouble_IsTheProcessors()
    {
        foreach ((double a, double b) in Pairs())
        {
            float x = (float)a;
            float y = (float)b;
            Assert.Equal(x + y, Single(SoftwareFloat.Add(Bits(x), Bits(y))));
            Assert.Equal(x * y, Single(SoftwareFloat.Multiply(Bits(x), Bits(y))));
            Assert.Equal(x / y, Single(SoftwareFloat.Divide(Bits(x), Bits(y))));
        }
    }

    private static IEnumerable<(double X, double Y)> Pairs()
    {
        foreach (double x in s_corners)
        {
            foreach (double y in s_corners)
            {
                yield return (x, y);
            }
        }

        var random = new Random(1985);
        for (int i = 0; i < RandomPairs; i++)
        {
            // Every third pair has nearly one exponent, so that sums cancel and round.
            double x = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            double y = i % 3 == 0 ? x * (random.NextDouble() - 0.5) * 8 : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            yield return (x, y);
        }
    }

    private static ulong Bits(double x) => BitConverter.DoubleToUInt64Bits(x);

    private static float Single(ulong bits) => BitConverter.UInt32BitsToSingle(SoftwareFloat.ToSingle(bits));

    private static void Check(double expected, ulong actual, double x, double y)
    {
        if (double.IsNaN(expected) ? !SoftwareFloat.IsNaN(actual) : Bits(expected) != actual)
        {
            Assert.Fail($"{x:R}, {y:R}: {expected:R} expected, {BitConverter.UInt64BitsToDouble(actual):R} found");
        }
    }
}
