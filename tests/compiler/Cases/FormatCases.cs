// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Asterion.Compiler.Cases;

/// <summary>Numbers to text and back.</summary>
internal static class FormatCases
{
    internal static void EveryIntegerWidth(Output o)
    {
        o.Line($"{sbyte.MinValue} {sbyte.MaxValue} {byte.MaxValue} {short.MinValue} {ushort.MaxValue}");
        o.Line($"{int.MinValue} {int.MaxValue} {uint.MaxValue} {long.MinValue} {long.MaxValue} {ulong.MaxValue}");
        o.Line($"{nint.MinValue} {nuint.MaxValue} {Int128.MinValue} {UInt128.MaxValue}");
    }

    internal static void IntegerFormats(Output o)
    {
        foreach (string format in new[] { "D", "D8", "X", "x4", "X16", "N0", "N2", "F1", "E3", "G", "G3", "P0", "C", "B8", "000", "#,##0", "0.00", "+0;-0;zero" })
        {
            o.ForEach(format, new[] { 0, 5, -5, 1234567, int.MinValue }, v => v.ToString(format, CultureInfo.InvariantCulture));
        }
    }

    internal static void HexOfEveryWidth(Output o)
    {
        o.Line($"{(sbyte)-1:X} {(byte)200:x} {(short)-2:X} {(ushort)65535:x8} {-3:X} {uint.MaxValue:X} {-4L:x} {ulong.MaxValue:X} {(Int128)(-5):X}");
        o.Line(Convert.ToString(-1, 2) + Convert.ToString(255, 8) + Convert.ToString((short)-1, 16));
        o.Line(Convert.ToHexString([0, 15, 255]));
    }

    internal static void DoubleFormats(Output o)
    {
        double[] values = [0, -0.0, 0.1, 1.0 / 3, 1e21, 123456789.125, 1e-7, double.MaxValue, double.Epsilon, double.NaN, double.NegativeInfinity, 0.5, 2.675];
        foreach (string format in new[] { null, "R", "F2", "E4", "G5", "N3", "0.###", "P1", "F0" })
        {
            o.ForEach(format ?? "none", values, v => v.ToString(format, CultureInfo.InvariantCulture));
        }
    }

    internal static void SingleFormats(Output o)
    {
        float[] values = [0.1f, 1f / 3, float.MaxValue, float.Epsilon, 16777216f, 1e10f, -0f, float.NaN];
        foreach (string format in new[] { null, "F3", "E2", "G4" })
        {
            o.ForEach(format ?? "none", values, v => v.ToString(format, CultureInfo.InvariantCulture));
        }
    }

    // The shortest text that gives the value again.
    internal static void DoublesRoundTrip(Output o)
    {
        ulong state = 88172645463325252;
        int same = 0;
        for (int i = 0; i < 200; i++)
        {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            double value = BitConverter.UInt64BitsToDouble(state);
            if (double.IsFinite(value))
            {
                string text = value.ToString(CultureInfo.InvariantCulture);
                same += double.Parse(text, CultureInfo.InvariantCulture) == value ? 1 : 0;
                if (i % 40 == 0)
                {
                    o.Line(text);
                }
            }
        }

        o.Line(same);
    }

    internal static void DecimalFormats(Output o)
    {
        decimal[] values = [0, 1.10m, -0.005m, decimal.MaxValue, 1e-28m, 1234567.891m];
        foreach (string format in new[] { null, "F2", "N1", "E3", "G", "0.0#" })
        {
            o.ForEach(format ?? "none", values, v => v.ToString(format, CultureInfo.InvariantCulture));
        }
    }

    internal static void ParsingIntegers(Output o)
    {
        string[] texts = ["0", "-1", "+5", " 7 ", "127", "128", "-129", "255", "65536", "2147483647", "2147483648", "9223372036854775808", "18446744073709551616", "", "x", "1.0", "1,000", "--1"];
        o.ForEach("sbyte", texts, t => sbyte.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("byte", texts, t => byte.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("short", texts, t => short.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("ushort", texts, t => ushort.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("int", texts, t => int.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("uint", texts, t => uint.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("long", texts, t => long.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("ulong", texts, t => ulong.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("Int128", texts, t => Int128.Parse(t, CultureInfo.InvariantCulture));
        o.ForEach("try", texts, t => int.TryParse(t, out int value) ? value : -1);
    }

    internal static void ParsingWithStyles(Output o)
    {
        o.Result(() => int.Parse("ff", NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        o.Result(() => int.Parse("ffffffff", NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        o.Result(() => int.Parse("1,234", NumberStyles.AllowThousands, CultureInfo.InvariantCulture));
        o.Result(() => int.Parse("(5)", NumberStyles.AllowParentheses, CultureInfo.InvariantCulture));
        o.Result(() => int.Parse("1e3", NumberStyles.AllowExponent, CultureInfo.InvariantCulture));
        o.Result(() => int.Parse("101", NumberStyles.BinaryNumber, CultureInfo.InvariantCulture));
        o.Result(() => int.Parse(" 5", NumberStyles.None, CultureInfo.InvariantCulture));
        o.Result(() => Convert.ToInt32("777", 8));
        o.Result(() => Convert.ToByte("256"));
        o.Result(() => Convert.ToInt32(2.5));
        o.Result(() => Convert.ToInt32(3.5));
        o.Result(() => Convert.ToInt32(1e10));
    }

    internal static void ParsingFloats(Output o)
    {
        string[] texts = ["0", "-0", "1.5", ".5", "5.", "1e10", "1E-400", "1e400", "-1.7976931348623157E+308", "4.9E-324", "NaN", "Infinity", "-Infinity", "0.1e1", "", "1.2.3", "x", " 3 ", "9007199254740993", "123456789012345678901234567890"];
        o.ForEach("double", texts, t => BitConverter.DoubleToInt64Bits(double.Parse(t, CultureInfo.InvariantCulture)));
        o.ForEach("float", texts, t => BitConverter.SingleToInt32Bits(float.Parse(t, CultureInfo.InvariantCulture)));
        o.ForEach("decimal", texts, t => decimal.Parse(t, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    internal static void OtherTypesToText(Output o)
    {
        o.Line(new Guid(0x01020304, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14).ToString());
        o.Line(Guid.Parse("{01020304-0005-0006-0708-090a0b0c0d0e}").ToString("N"));
        o.Throws(() => Guid.Parse("not an identifier"));
        o.Line(bool.Parse("TRUE"));
        o.Throws(() => bool.Parse("yes"));
        o.Line(char.Parse("x").ToString());
        o.Line(new Version(1, 2, 3).ToString() + Version.Parse("4.5").Minor);
        o.Line(new TimeSpan(1, 2, 3, 4, 5).ToString());
    }

    internal static void IntoSpans(Output o)
    {
        Span<char> chars = stackalloc char[8];
        o.Line(12345.TryFormat(chars, out int written));
        o.Line(chars[..written].ToString());
        o.Line(123456789.TryFormat(chars, out written));
        o.Line(written);
        Span<byte> bytes = stackalloc byte[16];
        o.Line((-1.5).TryFormat(bytes, out written));
        o.Line(Encoding.ASCII.GetString(bytes[..written]));
        o.Line($"{int.Parse("42".AsSpan())} {int.Parse("43"u8)}");
        o.Line(chars.TryWrite($"{1}-{2}", out written));
        o.Line(chars[..written].ToString());
    }

    internal static void Utf8FormattingAndParsing(Output o)
    {
        Span<byte> bytes = stackalloc byte[40];
        Utf8Formatter.TryFormat(-12345L, bytes, out int written);
        o.Line(Encoding.UTF8.GetString(bytes[..written]));
        Utf8Formatter.TryFormat(255u, bytes, out written, 'X');
        o.Line(Encoding.UTF8.GetString(bytes[..written]));
        Utf8Formatter.TryFormat(1.25m, bytes, out written);
        o.Line(Encoding.UTF8.GetString(bytes[..written]));
        Utf8Formatter.TryFormat(true, bytes, out written);
        o.Line(Encoding.UTF8.GetString(bytes[..written]));
        Utf8Formatter.TryFormat(Guid.Empty, bytes, out written);
        o.Line(written);
        o.Line(Utf8Formatter.TryFormat(123456, bytes[..3], out written));
        o.Line(Utf8Parser.TryParse("123abc"u8, out int number, out int consumed));
        o.Line(number * 10 + consumed);
        o.Line(Utf8Parser.TryParse("2147483648"u8, out number, out consumed));
        o.Line(Utf8Parser.TryParse("ff"u8, out byte octet, out consumed, 'x'));
        o.Line(octet);
        o.Line(Utf8Parser.TryParse("1.5e2"u8, out double real, out consumed));
        o.Line(real.ToString() + consumed);
    }
}
