// SPDX-License-Identifier: MPL-2.0

using System;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using System.Text;

namespace Asterion.Compiler.Cases;

/// <summary>Wide numbers, decimal, bits, byte order, dates and encodings.</summary>
internal static class NumberCases
{
    internal static void WideIntegers(Output o)
    {
        Int128[] values = [0, 1, -1, long.MaxValue, Int128.MaxValue, Int128.MinValue, (Int128)long.MaxValue * 3];
        foreach (Int128 other in new Int128[] { 1, -1, 7, ulong.MaxValue, Int128.MaxValue })
        {
            o.ForEach($"plus {other}", values, v => unchecked(v + other));
            o.ForEach($"times {other}", values, v => unchecked(v * other));
            o.ForEach($"checked times {other}", values, v => checked(v * other));
            o.ForEach($"by {other}", values, v => v / other);
            o.ForEach($"rest by {other}", values, v => v % other);
            o.ForEach($"less than {other}", values, v => v < other);
        }

        o.ForEach("shifted", values, v => (v << 70 >> 3) ^ (v >>> 5));
        o.ForEach("to long", values, v => checked((long)v));
        o.ForEach("to double", values, v => (double)v);
    }

    internal static void WideUnsignedIntegers(Output o)
    {
        UInt128[] values = [0, 1, ulong.MaxValue, UInt128.MaxValue, (UInt128)ulong.MaxValue << 3];
        foreach (UInt128 other in new UInt128[] { 0, 1, 10, ulong.MaxValue, UInt128.MaxValue })
        {
            o.ForEach($"plus {other}", values, v => checked(v + other));
            o.ForEach($"times {other}", values, v => unchecked(v * other));
            o.ForEach($"by {other}", values, v => v / other);
        }

        o.ForEach("bits", values, v => UInt128.PopCount(v) + UInt128.LeadingZeroCount(v) + UInt128.TrailingZeroCount(v));
    }

    internal static void HighProducts(Output o)
    {
        o.Line(Math.BigMul(int.MaxValue, int.MinValue));
        o.Line(Math.BigMul(ulong.MaxValue, ulong.MaxValue, out ulong low).ToString() + " " + low);
        o.Line(Math.BigMul(long.MinValue, long.MaxValue, out long signedLow) + " " + signedLow);
        o.Line(Math.DivRem(-7, 2).ToString());
        o.Line(Math.DivRem(ulong.MaxValue, 10UL).ToString());
        o.Throws(() => Math.DivRem(int.MinValue, -1));
        o.Throws(() => Math.Abs(int.MinValue));
    }

    internal static void Decimals(Output o)
    {
        decimal[] values = [0, 1.10m, -2.5m, 0.0000000000000000000000000001m, decimal.MaxValue, 3m];
        foreach (decimal other in new[] { 1m, -0.3m, 7m, 1e10m })
        {
            o.ForEach($"plus {other}", values, v => v + other);
            o.ForEach($"times {other}", values, v => v * other);
            o.ForEach($"by {other}", values, v => v / other);
            o.ForEach($"rest by {other}", values, v => v % other);
        }

        o.ForEach("rounded", values, v => Math.Round(v, 1));
        o.ForEach("truncated", values, v => decimal.Truncate(v));
        o.ForEach("compared", values, v => v.CompareTo(1.1m));
        o.ForEach("hash of equals", values, v => v.GetHashCode() == (v + 0.00m).GetHashCode() || v == decimal.MaxValue);
        o.Throws(() => _ = values[4] + 1);
        o.Throws(() => _ = values[1] / values[0]);
        o.Line(string.Join(" ", decimal.GetBits(-1.5m)));
    }

    internal static void BitFunctions(Output o)
    {
        uint[] values = [0, 1, 2, 0x80000000, uint.MaxValue, 0x00f0f000];
        o.ForEach("leading", values, v => BitOperations.LeadingZeroCount(v) * 100 + BitOperations.LeadingZeroCount((ulong)v));
        o.ForEach("trailing", values, v => BitOperations.TrailingZeroCount(v) * 100 + BitOperations.TrailingZeroCount((ulong)v << 32));
        o.ForEach("population", values, v => BitOperations.PopCount(v) + BitOperations.PopCount((ulong)v << 7));
        o.ForEach("log", values, v => BitOperations.Log2(v));
        o.ForEach("rotated", values, v => BitOperations.RotateLeft(v, 5) ^ BitOperations.RotateRight(v, 33));
        o.ForEach("power", values, v => $"{BitOperations.IsPow2(v)} {BitOperations.RoundUpToPowerOf2(v)}");
        o.ForEach("crc", values, v => BitOperations.Crc32C(0, v));
        o.ForEach("rotated long", new[] { 1UL, ulong.MaxValue - 1 }, v => BitOperations.RotateLeft(v, 65));
    }

    internal static void ByteOrder(Output o)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt32BigEndian(bytes, 0x01020304);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[4..], 0x0506);
        BinaryPrimitives.WriteInt64BigEndian(bytes[6..], -2);
        o.Line(Convert.ToHexString(bytes));
        o.Line(BinaryPrimitives.ReadInt16BigEndian(bytes[1..]));
        o.Line(BinaryPrimitives.ReadUInt64LittleEndian(bytes[3..]).ToString());
        o.Line(BinaryPrimitives.ReverseEndianness(0x01020304));
        o.Line(BinaryPrimitives.ReverseEndianness((short)0x0102));
        o.Line(BitConverter.ToInt32([1, 0, 0, 128], 0));
        o.Line(Convert.ToHexString(BitConverter.GetBytes(-1.5)));
        o.Throws(() => BinaryPrimitives.ReadInt32BigEndian(new byte[3]));
        BinaryPrimitives.WriteDoubleBigEndian(bytes, 2.5);
        o.Line(BinaryPrimitives.ReadDoubleBigEndian(bytes).ToString());
    }

    // By its parts: text of a date may need the local time zone, which means files.
    private static string Text(DateTime d) => $"{d.Year}-{d.Month}-{d.Day} {d.Hour}:{d.Minute}:{d.Second}.{d.Millisecond} {(int)d.Kind}";

    internal static void Dates(Output o)
    {
        var date = new DateTime(2024, 2, 29, 23, 59, 59, DateTimeKind.Utc);
        o.Line(Text(date.AddDays(1)));
        o.Line(Text(date.AddYears(1)));
        o.Line(Text(date.AddMonths(-1)));
        o.Line(Text(date.AddSeconds(0.5)));
        o.Line((date - new DateTime(2000, 1, 1)).TotalDays.ToString("F3"));
        o.Line(date.DayOfYear * 10 + (int)date.DayOfWeek);
        o.Line(DateTime.IsLeapYear(1900));
        o.Line(date.Ticks);
        o.Line(Text(DateTime.UnixEpoch.AddSeconds(1700000000)));
        o.Throws(() => _ = new DateTime(2023, 2, 29));
        o.Throws(() => date.AddYears(8000));
        o.Line(new DateOnly(2024, 12, 31).AddDays(1).DayNumber);
        o.Line(new TimeOnly(23, 30).AddHours(1).Ticks);
        o.Line(Text(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.FromHours(2)).UtcDateTime));
        o.Line(date.CompareTo(date.AddTicks(1)));
        o.Line(DateTime.DaysInMonth(2100, 2));
    }

    internal static void Durations(Output o)
    {
        TimeSpan span = new(1, 2, 3, 4, 5);
        o.Line((span * 2.5).ToString());
        o.Line((span / 7).ToString("c"));
        o.Line((-span).ToString("g"));
        o.Line(span.ToString(@"d\.hh\:mm"));
        o.Line((span / TimeSpan.FromHours(1)).ToString("F4"));
        o.Line(TimeSpan.FromMilliseconds(1.5).Ticks);
        o.Line(TimeSpan.Parse("1.02:03:04.5").TotalSeconds.ToString());
        o.Throws(() => TimeSpan.Parse("25:61:00"));
        o.Throws(() => _ = TimeSpan.MaxValue + TimeSpan.FromTicks(1));
        o.Line(TimeSpan.Zero.CompareTo(span));
        o.Line((TimeSpan.FromDays(1) - TimeSpan.FromTicks(1)).Microseconds);
    }

    internal static void Utf8(Output o)
    {
        byte[][] inputs = [[0x61, 0xc3, 0xa4], [0xc3], [0xff, 0x61], [0xe2, 0x82], [0xf0, 0x9f, 0x98, 0x80], [0xed, 0xa0, 0x80], [0xc0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0x61, 0x80, 0x62], [0xe2, 0x28, 0xa1], []];
        foreach (byte[] input in inputs)
        {
            string text = Encoding.UTF8.GetString(input);
            var codes = new StringBuilder();
            foreach (char c in text)
            {
                codes.Append(((int)c).ToString("x4")).Append(' ');
            }

            o.Line(codes.ToString() + Encoding.UTF8.GetCharCount(input));
            o.Throws(() => new UTF8Encoding(false, true).GetString(input));
        }

        o.Line(Convert.ToHexString(Encoding.UTF8.GetBytes("a\ud800b\U0001F600\udc00")));
        o.Throws(() => new UTF8Encoding(false, true).GetBytes("\ud800"));
    }

    internal static void OtherEncodings(Output o)
    {
        string text = "a\u00e4\u20ac\U0001F600";
        foreach (Encoding encoding in new[] { Encoding.ASCII, Encoding.Latin1, Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32 })
        {
            byte[] bytes = encoding.GetBytes(text);
            o.Line(Convert.ToHexString(bytes));
            o.Line(encoding.GetString(bytes).Length);
        }

        o.Line(Convert.ToBase64String([1, 2, 3, 255]));
        o.Line(Convert.FromBase64String("AQID/w==").Length);
        o.Throws(() => Convert.FromBase64String("AQI"));
        Decoder decoder = Encoding.UTF8.GetDecoder();
        char[] chars = new char[4];
        int first = decoder.GetChars([0xe2, 0x82], 0, 2, chars, 0);
        int second = decoder.GetChars([0xac, 0x61], 0, 2, chars, first);
        o.Line($"{first} {second} {(int)chars[0]:x}");
    }

    internal static void RandomNumbersWithASeed(Output o)
    {
        var random = new Random(42);
        o.Line($"{random.Next()} {random.Next(100)} {random.Next(-5, 5)} {random.NextDouble()} {random.NextInt64()}");
        byte[] bytes = new byte[5];
        random.NextBytes(bytes);
        o.Line(string.Join(" ", bytes));
        int[] shuffled = [1, 2, 3, 4, 5];
        random.Shuffle(shuffled);
        o.Line(string.Join(" ", shuffled));
    }

    internal static void Vectors(Output o)
    {
        var left = new Vector3(1, 2, 3);
        Vector3 sum = left + new Vector3(0.5f);
        o.Line(Vector3.Dot(left, sum).ToString());
        o.Line(Vector3.Cross(left, Vector3.UnitX).ToString());
        o.Line(Vector128.Sum(Vector128.Create(1, 2, 3, 4) * 3));
    }
}
