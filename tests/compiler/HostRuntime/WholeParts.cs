// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;

namespace Ostd.Runtime;

/// <summary>C's <c>modf</c>, which CoreLib's rounding asks for.</summary>
internal static unsafe class WholeParts
{
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;

    // SAFETY: CoreLib passes the address of a local of its own.
    [RuntimeExport("modf")]
    internal static double Split(double value, double* whole)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> MantissaBits) & 0x7ff) - ExponentBias;
        long sign = bits & long.MinValue;
        if (exponent >= MantissaBits)
        {
            // Whole, infinite or not a number: a NaN is both parts.
            *whole = value;
            return double.IsNaN(value) ? value : BitConverter.Int64BitsToDouble(sign);
        }

        long fraction = exponent < 0 ? long.MaxValue : (1L << (MantissaBits - exponent)) - 1;
        *whole = BitConverter.Int64BitsToDouble(bits & ~fraction);
        return (bits & fraction) == 0 ? BitConverter.Int64BitsToDouble(sign) : value - *whole;
    }
}
