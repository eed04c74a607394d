// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;

namespace Ostd.Runtime;

/// <summary>
/// The functions of the C mathematics library that formatting and rounding need, exact by IEEE 754. The transcendental ones are left out on purpose: a kernel
/// that calls one does not link.
/// </summary>
internal static class FloatingPointExports
{
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;
    private const ulong SignBit = 1ul << 63;
    private const ulong MantissaMask = (1ul << MantissaBits) - 1;

    [RuntimeExport("floor")]
    private static double Floor(double x) => Round(x, isUp: false);

    [RuntimeExport("ceil")]
    private static double Ceiling(double x) => Round(x, isUp: true);

    [RuntimeExport("floorf")]
    private static float FloorSingle(float x) => (float)Round(x, isUp: false);

    [RuntimeExport("ceilf")]
    private static float CeilingSingle(float x) => (float)Round(x, isUp: true);

    [RuntimeExport("fmodf")]
    private static float RemainderSingle(float x, float y) => (float)Remainder(x, y);

    // Clears the bits behind the point; away from zero, where asked for, by carrying into the bit before it.
    private static double Round(double x, bool isUp)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(x);
        int exponent = (int)(bits >> MantissaBits & 0x7ff) - ExponentBias;
        if (exponent >= MantissaBits)
        {
            return x; // an integer, an infinity, or no number
        }

        bool isNegative = (bits & SignBit) != 0;
        bool isAwayFromZero = isNegative != isUp;
        if (exponent < 0)
        {
            if ((bits & ~SignBit) == 0 || !isAwayFromZero)
            {
                return BitConverter.UInt64BitsToDouble(bits & SignBit);
            }

            return isNegative ? -1.0 : 1.0;
        }

        ulong fraction = MantissaMask >> exponent;
        if ((bits & fraction) == 0)
        {
            return x;
        }

        if (isAwayFromZero)
        {
            bits += fraction;
        }

        return BitConverter.UInt64BitsToDouble(bits & ~fraction);
    }

    // Long division of the mantissas, one bit of the exponents' difference at a time; exact, as C requires.
    [RuntimeExport("fmod")]
    private static double Remainder(double x, double y)
    {
        ulong bitsX = BitConverter.DoubleToUInt64Bits(x);
        ulong bitsY = BitConverter.DoubleToUInt64Bits(y) & ~SignBit;
        ulong sign = bitsX & SignBit;
        bitsX &= ~SignBit;
        const ulong infinity = 0x7fful << MantissaBits;
        if (bitsY == 0 || bitsX >= infinity || bitsY > infinity)
        {
            return double.NaN;
        }

        if (bitsX < bitsY)
        {
            return x;
        }

        int exponentX = Unpack(bitsX, out ulong mantissaX);
        int exponentY = Unpack(bitsY, out ulong mantissaY);
        if (bitsY == infinity)
        {
            return x;
        }

        for (; exponentX > exponentY; exponentX--)
        {
            if (mantissaX >= mantissaY)
            {
                mantissaX -= mantissaY;
            }

            mantissaX <<= 1;
        }

        if (mantissaX >= mantissaY)
        {
            mantissaX -= mantissaY;
        }

        if (mantissaX == 0)
        {
            return BitConverter.UInt64BitsToDouble(sign);
        }

        while (mantissaX <= MantissaMask && exponentX > 1)
        {
            mantissaX <<= 1;
            exponentX--;
        }

        ulong result = mantissaX <= MantissaMask ? mantissaX : (mantissaX & MantissaMask) | (ulong)exponentX << MantissaBits;
        return BitConverter.UInt64BitsToDouble(result | sign);
    }

    // Subnormal numbers have the exponent of the smallest normal ones and no implied bit.
    private static int Unpack(ulong bits, out ulong mantissa)
    {
        int exponent = (int)(bits >> MantissaBits);
        mantissa = bits & MantissaMask;
        if (exponent == 0)
        {
            return 1;
        }

        mantissa |= 1ul << MantissaBits;
        return exponent;
    }
}
