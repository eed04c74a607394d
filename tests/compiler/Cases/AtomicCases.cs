// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime.InteropServices;
using System.Threading;

namespace Asterion.Compiler.Cases;

/// <summary>Volatile, Interlocked and what belongs to a thread: values, of every width. That they order memory cannot be seen by one thread.</summary>
internal static class AtomicCases
{
    private static byte s_byte = 250;
    private static sbyte s_sbyte = -3;
    private static short s_short = short.MaxValue;
    private static ushort s_ushort = 65535;
    private static int s_int = int.MaxValue;
    private static uint s_uint = uint.MaxValue;
    private static long s_long = long.MinValue;
    private static ulong s_ulong = ulong.MaxValue;
    private static nint s_native = -1;
    private static float s_single = 1.5f;
    private static double s_double = 2.5;
    private static string s_text = "text";
    private static volatile int s_volatileInt = 1;
    private static volatile bool s_volatileFlag;
    private static volatile float s_volatileSingle = 0.5f;
    private static volatile string s_volatileText = "v";
    private static volatile DayOfWeek s_volatileDay;

    internal static void ExchangeOfEveryWidth(Output o)
    {
        o.Line(Interlocked.Exchange(ref s_byte, 200) + s_byte);
        o.Line(Interlocked.Exchange(ref s_sbyte, -128) + s_sbyte);
        o.Line(Interlocked.Exchange(ref s_short, short.MinValue) + s_short);
        o.Line(Interlocked.Exchange(ref s_ushort, 1) + s_ushort);
        o.Line(Interlocked.Exchange(ref s_int, -5) + s_int);
        o.Line(Interlocked.Exchange(ref s_uint, 5) + s_uint);
        o.Line(Interlocked.Exchange(ref s_long, 7) + s_long);
        o.Line((Interlocked.Exchange(ref s_ulong, 8) - s_ulong).ToString());
        o.Line(Interlocked.Exchange(ref s_native, 9) + s_native == 8);
        o.Line((Interlocked.Exchange(ref s_single, 2.5f) + s_single).ToString());
        o.Line((Interlocked.Exchange(ref s_double, 3.5) + s_double).ToString());
        o.Line(Interlocked.Exchange(ref s_text, "other") + s_text);
        (s_byte, s_sbyte, s_short, s_ushort, s_int, s_uint, s_long, s_ulong) = (250, -3, short.MaxValue, 65535, int.MaxValue, uint.MaxValue, long.MinValue, ulong.MaxValue);
        (s_native, s_single, s_double, s_text) = (-1, 1.5f, 2.5, "text");
    }

    internal static void CompareExchangeOfEveryWidth(Output o)
    {
        byte octet = 255;
        o.Line(Interlocked.CompareExchange(ref octet, 1, 254) * 1000 + octet);
        o.Line(Interlocked.CompareExchange(ref octet, 1, 255) * 1000 + octet);
        sbyte signed = -1;
        o.Line(Interlocked.CompareExchange(ref signed, -128, -1) * 1000 + signed);
        short word = -2;
        o.Line(Interlocked.CompareExchange(ref word, 5, 65534 - 65536) * 1000 + word);
        ushort unsigned = 65534;
        o.Line(Interlocked.CompareExchange(ref unsigned, 65535, 65534) * 10L + unsigned);
        int number = 5;
        o.Line(Interlocked.CompareExchange(ref number, 6, 4) * 10 + number);
        long wide = long.MaxValue;
        o.Line(Interlocked.CompareExchange(ref wide, 3, long.MaxValue) - wide);
        double real = double.NaN;
        o.Line(Interlocked.CompareExchange(ref real, 1, double.NaN).ToString() + real);
        object first = "a", second = "b";
        object place = first;
        o.Line(ReferenceEquals(Interlocked.CompareExchange(ref place, second, second), first));
        o.Line(ReferenceEquals(Interlocked.CompareExchange(ref place, second, first), first) && place == second);
        DayOfWeek day = DayOfWeek.Monday;
        o.Line(Interlocked.CompareExchange(ref day, DayOfWeek.Friday, DayOfWeek.Monday) == DayOfWeek.Monday && day == DayOfWeek.Friday);
    }

    internal static void ArithmeticAndBits(Output o)
    {
        int number = int.MaxValue;
        o.Line(Interlocked.Increment(ref number));
        o.Line(Interlocked.Decrement(ref number));
        o.Line(Interlocked.Add(ref number, 10));
        long wide = -1;
        o.Line(Interlocked.Increment(ref wide));
        o.Line(Interlocked.Add(ref wide, long.MinValue));
        uint unsigned = 0;
        o.Line(Interlocked.Decrement(ref unsigned));
        o.Line(Interlocked.And(ref unsigned, 0xf0f0u));
        o.Line(Interlocked.Or(ref unsigned, 0x0fu));
        o.Line(unsigned);
        ulong large = ulong.MaxValue;
        o.Line(Interlocked.Add(ref large, 2UL).ToString());
        o.Line(Interlocked.Or(ref wide, 3).ToString() + wide);
        o.Line(Interlocked.Read(ref wide));
        Interlocked.MemoryBarrier();
    }

    internal static void VolatileFields(Output o)
    {
        s_volatileInt++;
        s_volatileInt += 5;
        s_volatileFlag = !s_volatileFlag;
        s_volatileSingle *= 2;
        s_volatileText += "w";
        s_volatileDay = DayOfWeek.Saturday;
        o.Line($"{s_volatileInt} {s_volatileFlag} {s_volatileSingle} {s_volatileText} {(int)s_volatileDay}");
        (s_volatileInt, s_volatileFlag, s_volatileSingle, s_volatileText) = (1, false, 0.5f, "v");
        var holder = new Holder();
        holder.Next = holder;
        holder.Next.Next.Level = -7;
        o.Line(holder.Level);
        o.Throws(() => ((Holder)null).Level = 1);
    }

    private sealed class Holder
    {
        internal volatile Holder Next;
        internal volatile sbyte Level;
    }

    internal static void VolatileReadsAndWrites(Output o)
    {
        byte octet = 0;
        Volatile.Write(ref octet, 255);
        o.Line(Volatile.Read(ref octet));
        sbyte signed = 0;
        Volatile.Write(ref signed, -1);
        o.Line(Volatile.Read(ref signed));
        ushort word = 0;
        Volatile.Write(ref word, 65535);
        o.Line(Volatile.Read(ref word));
        long wide = 0;
        Volatile.Write(ref wide, long.MinValue);
        o.Line(Volatile.Read(ref wide));
        double real = 0;
        Volatile.Write(ref real, -0.5);
        o.Line(Volatile.Read(ref real).ToString());
        float single = 0;
        Volatile.Write(ref single, 1e10f);
        o.Line(Volatile.Read(ref single).ToString());
        bool flag = false;
        Volatile.Write(ref flag, true);
        o.Line(Volatile.Read(ref flag));
        string[] array = ["x"];
        Volatile.Write(ref array[0], "y");
        o.Line(Volatile.Read(ref array[0]));
        nint native = 0;
        Volatile.Write(ref native, -9);
        o.Line(Volatile.Read(ref native) == -9);
    }

    [StructLayout(LayoutKind.Sequential, Pack = 1)]
    private struct Packed
    {
        internal byte First;
        internal int Second;
    }

    // A test looks at how these two access memory.
    private static int PlainAccessOfAligned(ref int place, (string Text, long Number)[] pairs)
    {
        (string text, long number) = pairs[0];
        place += (int)number;
        return place + text.Length;
    }

    private static int PlainAccessOfPacked(ref Packed place)
    {
        place.Second += 5;
        return place.Second;
    }

    internal static void PlainAccess(Output o)
    {
        int number = 5;
        o.Line(PlainAccessOfAligned(ref number, [("text", 10)]));
        var packed = new Packed { First = 255, Second = int.MaxValue - 5 };
        o.Line(PlainAccessOfPacked(ref packed));
        o.Line(packed.First);
    }

    [ThreadStatic]
    private static int t_number;

    [ThreadStatic]
    private static string t_text;

    [ThreadStatic]
    private static (int Count, object Owner) t_pair;

    private static class PerType<T>
    {
        [ThreadStatic]
        internal static T t_value;
    }

    internal static void ThreadStatics(Output o)
    {
        o.Line(t_number);
        o.Line(t_text == null);
        t_number += 5;
        t_text = "mine";
        t_pair.Count++;
        t_pair.Owner = t_text;
        ref int place = ref t_number;
        place *= 2;
        o.Line($"{t_number} {t_text} {t_pair}");
        PerType<int>.t_value = 3;
        PerType<string>.t_value = "s";
        o.Line(PerType<int>.t_value + PerType<string>.t_value + PerType<long>.t_value);
        (t_number, t_text, t_pair) = (0, null, default);
        PerType<int>.t_value = 0;
        PerType<string>.t_value = null;
    }

    internal static void ThreadLocals(Output o)
    {
        using var local = new ThreadLocal<int>(() => 41);
        o.Line(local.IsValueCreated);
        o.Line(++local.Value);
        var flow = new AsyncLocal<string> { Value = "flows" };
        o.Line(flow.Value);
        o.Line(Environment.CurrentManagedThreadId == Environment.CurrentManagedThreadId);
    }

    internal static void MonitorsNest(Output o)
    {
        object gate = new();
        bool taken = false;
        Monitor.Enter(gate, ref taken);
        Monitor.Enter(gate);
        o.Line(taken);
        o.Line(Monitor.TryEnter(gate));
        Monitor.Exit(gate);
        Monitor.Exit(gate);
        o.Line(Monitor.IsEntered(gate));
        Monitor.Exit(gate);
        o.Line(Monitor.IsEntered(gate));
        o.Line(gate.GetHashCode() == gate.GetHashCode());
        Monitor.Enter(gate);
        o.Line(gate.GetHashCode() == gate.GetHashCode());
        Monitor.Exit(gate);
        o.Line(Catches(() => Monitor.Exit(gate)));
    }

    private static bool Catches(Action action)
    {
        try
        {
            action();
            return false;
        }
        catch (SynchronizationLockException)
        {
            return true;
        }
    }
}
