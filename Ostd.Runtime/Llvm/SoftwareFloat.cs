// SPDX-License-Identifier: MPL-2.0

using System;
using System.Numerics;

namespace Ostd.Runtime;

/// <summary>
/// Arithmetic of IEEE 754 on bit patterns, for kernels whose code holds no floating-point instruction. Results are rounded to nearest, ties to even; there are no flags, and a NaN is
/// the quiet one.
/// </summary>
/// <remarks>Single precision goes by double: with more than twice as many bits and two, the second rounding changes nothing for one operation (Figueroa, 1995).</remarks>
internal static class SoftwareFloat
{
    private const int FractionBits = 52;
    private const int LargestExponent = 0x7ff;
    private const int Bias = 1023;
    private const ulong Sign = 1ul << 63;
    private const ulong Hidden = 1ul << FractionBits;
    private const ulong FractionMask = Hidden - 1;
    private const ulong Infinity = (ulong)LargestExponent << FractionBits;
    private const ulong NotANumber = Infinity | (Hidden >> 1);

    private const int SingleFractionBits = 23;
    private const int SingleLargestExponent = 0xff;
    private const int SingleBias = 127;
    private const uint SingleInfinity = (uint)SingleLargestExponent << SingleFractionBits;

    internal static bool IsNaN(ulong x) => (x & ~Sign) > Infinity;

    internal static ulong Add(ulong x, ulong y)
    {
        if (IsNaN(x) || IsNaN(y))
        {
            return NotANumber;
        }

        if (IsInfinite(x) || IsInfinite(y))
        {
            return !IsInfinite(y) ? x : !IsInfinite(x) || x == y ? y : NotANumber;
        }

        int exponentX = Unpack(x, out ulong digitsX);
        int exponentY = Unpack(y, out ulong digitsY);
        if (exponentX < exponentY)
        {
            (x, y, exponentX, exponentY, digitsX, digitsY) = (y, x, exponentY, exponentX, digitsY, digitsX);
        }

        // Ten bits more for rounding, and one is left for the carry.
        const int guard = 10;
        digitsX <<= guard;
        digitsY = ShiftRight(digitsY << guard, exponentX - exponentY);
        if (((x ^ y) & Sign) == 0)
        {
            return Pack(x & Sign, exponentX - guard, digitsX + digitsY);
        }

        return digitsX == digitsY ? 0
            : digitsX > digitsY ? Pack(x & Sign, exponentX - guard, digitsX - digitsY)
            : Pack(y & Sign, exponentX - guard, digitsY - digitsX);
    }

    internal static ulong Multiply(ulong x, ulong y)
    {
        ulong sign = (x ^ y) & Sign;
        if (IsNaN(x) || IsNaN(y) || (IsInfinite(x) && IsZero(y)) || (IsZero(x) && IsInfinite(y)))
        {
            return NotANumber;
        }

        if (IsInfinite(x) || IsInfinite(y))
        {
            return sign | Infinity;
        }

        if (IsZero(x) || IsZero(y))
        {
            return sign;
        }

        int exponent = Normalize(x, out ulong digitsX) + Normalize(y, out ulong digitsY);
        ulong high = Math.BigMul(digitsX, digitsY, out ulong low);
        return Pack(sign, exponent + 64, high | (low != 0 ? 1ul : 0));
    }

    internal static ulong Divide(ulong x, ulong y)
    {
        ulong sign = (x ^ y) & Sign;
        if (IsNaN(x) || IsNaN(y) || (IsInfinite(x) && IsInfinite(y)) || (IsZero(x) && IsZero(y)))
        {
            return NotANumber;
        }

        if (IsInfinite(x) || IsZero(y))
        {
            return sign | Infinity;
        }

        if (IsZero(x) || IsInfinite(y))
        {
            return sign;
        }

        int exponent = Normalize(x, out ulong rest) - Normalize(y, out ulong divisor);

        // One bit of the quotient a step; it has 63 behind the point.
        ulong quotient = 0;
        bool hasCarry = false;
        for (int i = 0; i < 64; i++)
        {
            quotient <<= 1;
            if (hasCarry || rest >= divisor)
            {
                rest -= divisor;
                quotient |= 1;
            }

            hasCarry = (rest & Sign) != 0;
            rest <<= 1;
        }

        return Pack(sign, exponent - 63, quotient | (rest != 0 || hasCarry ? 1ul : 0));
    }

    internal static ulong SquareRoot(ulong x)
    {
        if (IsNaN(x) || IsZero(x) || x == Infinity)
        {
            return IsNaN(x) ? NotANumber : x;
        }

        if ((x & Sign) != 0)
        {
            return NotANumber;
        }

        int exponent = Normalize(x, out ulong radicand);
        if ((exponent & 1) != 0)
        {
            radicand >>= 1; // the lowest bits of a normalized number are zeros
            exponent++;
        }

        // Two bits of the radicand a step, then zeros, give one of the root each.
        const int steps = 58;
        ulong root = 0;
        ulong rest = 0;
        for (int i = 0; i < steps; i++)
        {
            rest = (rest << 2) | (radicand >> 62);
            radicand <<= 2;
            ulong trial = (root << 2) | 1;
            root <<= 1;
            if (rest >= trial)
            {
                rest -= trial;
                root |= 1;
            }
        }

        return Pack(0, (exponent / 2) - (steps - 32), (root << 1) | (rest != 0 ? 1ul : 0), isHalved: true);
    }

    /// <summary>-1, 0 or 1, or another answer when one is not a number.</summary>
    internal static int Compare(ulong x, ulong y, int ifUnordered)
    {
        if (IsNaN(x) || IsNaN(y))
        {
            return ifUnordered;
        }

        long signedX = Order(x);
        long signedY = Order(y);
        return signedX < signedY ? -1 : signedX > signedY ? 1 : 0;
    }

    internal static ulong FromInteger(ulong magnitude, bool isNegative) => Pack(isNegative ? Sign : 0, 0, magnitude);

    internal static uint SingleFromInteger(ulong magnitude, bool isNegative)
    {
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return magnitude == 0 ? 0 : (isNegative ? 1u << 31 : 0) | (uint)Round(-shift, magnitude << shift, SingleFractionBits, SingleBias, SingleLargestExponent);
    }

    /// <summary>Towards zero; what does not fit becomes the nearest that does, and no number becomes 0.</summary>
    internal static long ToInt64(ulong x, long minimum, long maximum)
    {
        if (IsNaN(x))
        {
            return 0;
        }

        bool isNegative = (x & Sign) != 0;
        ulong limit = isNegative ? (ulong)-minimum : (ulong)maximum;
        ulong magnitude = Magnitude(x);
        return magnitude >= limit ? (isNegative ? minimum : maximum) : isNegative ? -(long)magnitude : (long)magnitude;
    }

    internal static ulong ToUInt64(ulong x, ulong maximum) => IsNaN(x) || (x & Sign) != 0 ? 0 : Math.Min(Magnitude(x), maximum);

    internal static ulong FromSingle(uint x)
    {
        ulong sign = (ulong)(x >> 31) << 63;
        int exponent = (int)(x >> SingleFractionBits) & SingleLargestExponent;
        uint fraction = x & ((1u << SingleFractionBits) - 1);
        if (exponent == SingleLargestExponent)
        {
            return fraction != 0 ? NotANumber : sign | Infinity;
        }

        return exponent == 0
            ? Pack(sign, 1 - SingleBias - SingleFractionBits, fraction)
            : Pack(sign, exponent - SingleBias - SingleFractionBits, fraction | (1u << SingleFractionBits));
    }

    internal static uint ToSingle(ulong x)
    {
        uint sign = (uint)(x >> 63) << 31;
        if (IsNaN(x))
        {
            return SingleInfinity | (1u << (SingleFractionBits - 1));
        }

        if (IsInfinite(x))
        {
            return sign | SingleInfinity;
        }

        return IsZero(x) ? sign
            : sign | (uint)Round(Normalize(x, out ulong digits), digits, SingleFractionBits, SingleBias, SingleLargestExponent);
    }

    private static bool IsInfinite(ulong x) => (x & ~Sign) == Infinity;

    private static bool IsZero(ulong x) => (x & ~Sign) == 0;

    // The order of signed integers is that of the numbers, and both zeros are 0.
    private static long Order(ulong x) => (x & Sign) != 0 ? -(long)(x & ~Sign) : (long)x;

    // The integer part; what has more bits than 64 becomes the largest.
    private static ulong Magnitude(ulong x)
    {
        if (IsInfinite(x))
        {
            return ulong.MaxValue;
        }

        int exponent = Unpack(x, out ulong digits);
        return exponent <= -64 ? 0
            : exponent < 0 ? digits >> -exponent
            : exponent <= 63 - FractionBits ? digits << exponent
            : digits == 0 ? 0 : ulong.MaxValue;
    }

    // The number is digits * 2^exponent, but for the sign.
    private static int Unpack(ulong x, out ulong digits)
    {
        int exponent = (int)(x >> FractionBits) & LargestExponent;
        digits = x & FractionMask;
        if (exponent == 0)
        {
            return 1 - Bias - FractionBits;
        }

        digits |= Hidden;
        return exponent - Bias - FractionBits;
    }

    // As above, with the highest bit set.
    private static int Normalize(ulong x, out ulong digits)
    {
        int exponent = Unpack(x, out digits);
        int shift = BitOperations.LeadingZeroCount(digits);
        digits <<= shift;
        return exponent - shift;
    }

    // What falls out at the right stays visible in the lowest bit.
    private static ulong ShiftRight(ulong digits, int count) =>
        count == 0 ? digits : count > 63 ? (digits != 0 ? 1ul : 0) : (digits >> count) | (digits << (64 - count) != 0 ? 1ul : 0);

    private static ulong Pack(ulong sign, int exponent, ulong digits, bool isHalved = false)
    {
        if (digits == 0)
        {
            return sign;
        }

        int shift = BitOperations.LeadingZeroCount(digits);
        return sign | Round(exponent - shift - (isHalved ? 1 : 0), digits << shift, FractionBits, Bias, LargestExponent);
    }

    // Digits have their highest bit set, and in the lowest one what was cut off before.
    private static ulong Round(int exponent, ulong digits, int fractionBits, int bias, int largest)
    {
        int biased = exponent + 63 + bias;
        if (biased >= largest)
        {
            return (ulong)largest << fractionBits;
        }

        if (biased < 1)
        {
            digits = ShiftRight(digits, 1 - biased);
            biased = 1;
        }

        int cut = 63 - fractionBits;
        ulong half = 1ul << (cut - 1);
        ulong rest = digits & ((half << 1) - 1);
        ulong kept = digits >> cut;
        kept += rest > half || (rest == half && (kept & 1) != 0) ? 1ul : 0;

        // The hidden bit adds one to the exponent, and so does a carry out of the fraction; a subnormal number has neither.
        return ((ulong)(biased - 1) << fractionBits) + kept;
    }
}
