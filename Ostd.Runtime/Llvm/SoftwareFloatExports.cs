// SPDX-License-Identifier: MPL-2.0

using System.Runtime;

namespace Ostd.Runtime;

/// <summary>The names by which LLVM calls floating-point arithmetic that the machine's code may not do itself (libgcc, "Routines for floating point emulation").</summary>
internal static class SoftwareFloatExports
{
    private const ulong Sign = 1ul << 63;

    [RuntimeExport("__adddf3")]
    private static ulong Add(ulong x, ulong y) => SoftwareFloat.Add(x, y);

    [RuntimeExport("__subdf3")]
    private static ulong Subtract(ulong x, ulong y) => SoftwareFloat.Add(x, y ^ Sign);

    [RuntimeExport("__muldf3")]
    private static ulong Multiply(ulong x, ulong y) => SoftwareFloat.Multiply(x, y);

    [RuntimeExport("__divdf3")]
    private static ulong Divide(ulong x, ulong y) => SoftwareFloat.Divide(x, y);

    [RuntimeExport("sqrt")]
    private static ulong SquareRoot(ulong x) => SoftwareFloat.SquareRoot(x);

    [RuntimeExport("__addsf3")]
    private static uint AddSingle(uint x, uint y) => SoftwareFloat.ToSingle(SoftwareFloat.Add(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y)));

    [RuntimeExport("__subsf3")]
    private static uint SubtractSingle(uint x, uint y) => SoftwareFloat.ToSingle(SoftwareFloat.Add(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y) ^ Sign));

    [RuntimeExport("__mulsf3")]
    private static uint MultiplySingle(uint x, uint y) => SoftwareFloat.ToSingle(SoftwareFloat.Multiply(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y)));

    [RuntimeExport("__divsf3")]
    private static uint DivideSingle(uint x, uint y) => SoftwareFloat.ToSingle(SoftwareFloat.Divide(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y)));

    [RuntimeExport("sqrtf")]
    private static uint SquareRootSingle(uint x) => SoftwareFloat.ToSingle(SoftwareFloat.SquareRoot(SoftwareFloat.FromSingle(x)));

    [RuntimeExport("__extendsfdf2")]
    private static ulong Extend(uint x) => SoftwareFloat.FromSingle(x);

    [RuntimeExport("__truncdfsf2")]
    private static uint Truncate(ulong x) => SoftwareFloat.ToSingle(x);

    // The sign of the result is that of the comparison; where a number is none, it says "no" to the question in the name.
    [RuntimeExport("__eqdf2")]
    private static int Equal(ulong x, ulong y) => SoftwareFloat.Compare(x, y, 1);

    [RuntimeExport("__nedf2")]
    private static int NotEqual(ulong x, ulong y) => SoftwareFloat.Compare(x, y, 1);

    [RuntimeExport("__ltdf2")]
    private static int Less(ulong x, ulong y) => SoftwareFloat.Compare(x, y, 1);

    [RuntimeExport("__ledf2")]
    private static int LessOrEqual(ulong x, ulong y) => SoftwareFloat.Compare(x, y, 1);

    [RuntimeExport("__gtdf2")]
    private static int Greater(ulong x, ulong y) => SoftwareFloat.Compare(x, y, -1);

    [RuntimeExport("__gedf2")]
    private static int GreaterOrEqual(ulong x, ulong y) => SoftwareFloat.Compare(x, y, -1);

    [RuntimeExport("__unorddf2")]
    private static int Unordered(ulong x, ulong y) => SoftwareFloat.IsNaN(x) || SoftwareFloat.IsNaN(y) ? 1 : 0;

    [RuntimeExport("__eqsf2")]
    private static int EqualSingle(uint x, uint y) => Equal(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__nesf2")]
    private static int NotEqualSingle(uint x, uint y) => NotEqual(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__ltsf2")]
    private static int LessSingle(uint x, uint y) => Less(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__lesf2")]
    private static int LessOrEqualSingle(uint x, uint y) => LessOrEqual(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__gtsf2")]
    private static int GreaterSingle(uint x, uint y) => Greater(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__gesf2")]
    private static int GreaterOrEqualSingle(uint x, uint y) => GreaterOrEqual(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__unordsf2")]
    private static int UnorderedSingle(uint x, uint y) => Unordered(SoftwareFloat.FromSingle(x), SoftwareFloat.FromSingle(y));

    [RuntimeExport("__floatsidf")]
    private static ulong FromInt32(int x) => FromInt64(x);

    [RuntimeExport("__floatunsidf")]
    private static ulong FromUInt32(uint x) => SoftwareFloat.FromInteger(x, false);

    [RuntimeExport("__floatdidf")]
    private static ulong FromInt64(long x) => SoftwareFloat.FromInteger(x < 0 ? (ulong)-x : (ulong)x, x < 0);

    [RuntimeExport("__floatundidf")]
    private static ulong FromUInt64(ulong x) => SoftwareFloat.FromInteger(x, false);

    [RuntimeExport("__floatsisf")]
    private static uint SingleFromInt32(int x) => SoftwareFloat.ToSingle(FromInt64(x));

    [RuntimeExport("__floatunsisf")]
    private static uint SingleFromUInt32(uint x) => SoftwareFloat.ToSingle(FromUInt32(x));

    // From 64 bits in one step: by way of double it would be rounded twice.
    [RuntimeExport("__floatdisf")]
    private static uint SingleFromInt64(long x) => SoftwareFloat.SingleFromInteger(x < 0 ? (ulong)-x : (ulong)x, x < 0);

    [RuntimeExport("__floatundisf")]
    private static uint SingleFromUInt64(ulong x) => SoftwareFloat.SingleFromInteger(x, false);

    [RuntimeExport("__fixdfsi")]
    private static int ToInt32(ulong x) => (int)SoftwareFloat.ToInt64(x, int.MinValue, int.MaxValue);

    [RuntimeExport("__fixdfdi")]
    private static long ToInt64(ulong x) => SoftwareFloat.ToInt64(x, long.MinValue, long.MaxValue);

    [RuntimeExport("__fixunsdfsi")]
    private static uint ToUInt32(ulong x) => (uint)SoftwareFloat.ToUInt64(x, uint.MaxValue);

    [RuntimeExport("__fixunsdfdi")]
    private static ulong ToUInt64(ulong x) => SoftwareFloat.ToUInt64(x, ulong.MaxValue);

    [RuntimeExport("__fixsfsi")]
    private static int SingleToInt32(uint x) => ToInt32(SoftwareFloat.FromSingle(x));

    [RuntimeExport("__fixsfdi")]
    private static long SingleToInt64(uint x) => ToInt64(SoftwareFloat.FromSingle(x));

    [RuntimeExport("__fixunssfsi")]
    private static uint SingleToUInt32(uint x) => ToUInt32(SoftwareFloat.FromSingle(x));

    [RuntimeExport("__fixunssfdi")]
    private static ulong SingleToUInt64(uint x) => ToUInt64(SoftwareFloat.FromSingle(x));
}
