// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Ostd.Runtime.Tests;

internal static unsafe class ExceptionTests
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Throw(Exception exception) => throw exception;

    internal static void CatchByType()
    {
        string seen = "";
        try
        {
            Throw(new ArgumentNullException("p"));
        }
        catch (InvalidOperationException)
        {
            seen = "wrong";
        }
        catch (ArgumentException e)
        {
            seen = e.ParamName ?? "";
        }

        Check.Equal("p", seen, "base type catches");
    }

    internal static void FinallyOrder()
    {
        var log = new List<string>();
        try
        {
            try
            {
                try
                {
                    Throw(new InvalidOperationException());
                }
                finally
                {
                    log.Add("inner");
                }
            }
            finally
            {
                log.Add("outer");
            }
        }
        catch (InvalidOperationException)
        {
            log.Add("catch");
        }
        finally
        {
            log.Add("last");
        }

        Check.Equal("inner outer catch last", string.Join(' ', log), "order");
    }

    internal static void Filters()
    {
        var log = new List<string>();
        for (int i = 0; i < 3; i++)
        {
            try
            {
                try
                {
                    Throw(new InvalidOperationException(i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                }
                finally
                {
                    log.Add("f");
                }
            }
            catch (Exception e) when (Note(log, e.Message) && e.Message == "0")
            {
                log.Add("a");
            }
            catch (InvalidOperationException e) when (e.Message == "1")
            {
                log.Add("b");
            }
            catch
            {
                log.Add("c");
            }
        }

        Check.Equal("0 f a 1 f b 2 f c", string.Join(' ', log), "filters run before finally blocks");
    }

    private static bool Note(List<string> log, string text)
    {
        log.Add(text);
        return true;
    }

    internal static void FilterSeesLocals()
    {
        int local = 5;
        string text = "x" + local;
        try
        {
            local = 6;
            Throw(new InvalidOperationException());
        }
        catch (InvalidOperationException) when (local == 6 && text == "x5")
        {
            local = 7;
        }

        Check.Equal(7, local, "local");
    }

    internal static void ThrowingFilter()
    {
        int reached = 0;
        try
        {
            try
            {
                Throw(new InvalidOperationException("first"));
            }
            catch (Exception) when (Explode())
            {
                reached = 1;
            }
        }
        catch (InvalidOperationException e) when (e.Message == "first")
        {
            reached = 2;
        }

        Check.Equal(2, reached, "an exception in a filter is its false");
    }

    private static bool Explode() => throw new ArgumentException("in filter");

    internal static void Rethrow()
    {
        var log = new List<string>();
        try
        {
            try
            {
                Throw(new InvalidOperationException("again"));
            }
            catch (InvalidOperationException)
            {
                log.Add("first");
                throw;
            }
            finally
            {
                log.Add("finally");
            }
        }
        catch (InvalidOperationException e)
        {
            log.Add(e.Message);
        }

        Check.Equal("first finally again", string.Join(' ', log), "rethrow");
    }

    internal static void ThrowInCatch()
    {
        var log = new List<string>();
        try
        {
            try
            {
                Throw(new InvalidOperationException("one"));
            }
            catch (InvalidOperationException e)
            {
                try
                {
                    Throw(new ArgumentException("two", e));
                }
                finally
                {
                    log.Add("inner finally");
                }
            }
            finally
            {
                log.Add("finally");
            }
        }
        catch (ArgumentException e)
        {
            log.Add(e.InnerException!.Message);
        }

        Check.Equal("inner finally,finally,one", string.Join(',', log), "new exception from a catch block");
    }

    internal static void ThrowInFinally()
    {
        var log = new List<string>();
        try
        {
            try
            {
                try
                {
                    Throw(new InvalidOperationException("lost"));
                }
                finally
                {
                    log.Add("a");
                    Throw(new ArgumentException("kept"));
                }
            }
            finally
            {
                log.Add("b");
            }
        }
        catch (InvalidOperationException)
        {
            log.Add("wrong");
        }
        catch (ArgumentException e)
        {
            log.Add(e.Message);
        }

        Check.Equal("a,b,kept", string.Join(',', log), "an exception from a finally block supersedes");

        // The same with the handlers in different methods, and once more inside the catch.
        log.Clear();
        try
        {
            FinallyThatThrows(log);
        }
        catch (ArgumentException)
        {
            try
            {
                FinallyThatThrows(log);
            }
            catch (ArgumentException)
            {
                log.Add("done");
            }
        }

        Check.Equal("cleanup,cleanup,done", string.Join(',', log), "across methods");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FinallyThatThrows(List<string> log)
    {
        try
        {
            Throw(new InvalidOperationException());
        }
        finally
        {
            log.Add("cleanup");
            Throw(new ArgumentException("superseding"));
        }
    }

    internal static void NestedDeep()
    {
        int depth = 0;
        Nest(30, ref depth);
        Check.Equal(30, depth, "every level caught its own");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Nest(int level, ref int depth)
    {
        if (level == 0)
        {
            return;
        }

        try
        {
            Throw(new InvalidOperationException());
        }
        catch (InvalidOperationException)
        {
            depth++;
            Nest(level - 1, ref depth);
        }
    }

    internal static void DeepUnwind()
    {
        int finallyCount = 0;
        try
        {
            Descend(100, ref finallyCount);
        }
        catch (InvalidOperationException e)
        {
            Check.Equal("bottom", e.Message, "message");
        }

        Check.Equal(101, finallyCount, "finally blocks");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Descend(int level, ref int finallyCount)
    {
        long a = level * 3;
        long b = level + a;
        try
        {
            if (level == 0)
            {
                Throw(new InvalidOperationException("bottom"));
            }

            return Descend(level - 1, ref finallyCount) + a + b;
        }
        finally
        {
            finallyCount++;
        }
    }

    internal static void RegistersSurvive()
    {
        int total = 0;
        for (int i = 0; i < 20; i++)
        {
            int a = i * 3;
            int b = i ^ 5;
            int c = a + b;
            int d = c * 2;
            int e = d - i;
            try
            {
                ThrowAfterUsingRegisters(i);
            }
            catch (InvalidOperationException)
            {
                total += a + b + c + d + e;
            }

            Check.Equal((i * 3 + (i ^ 5)) * 6 - i, a + b + c + d + e, "locals after the catch");
        }

        Check.True(total > 0, "caught");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowAfterUsingRegisters(int seed)
    {
        int a = seed * 7, b = seed * 11, c = seed * 13, d = seed * 17, e = seed * 19;
        for (int i = 0; i < 10; i++)
        {
            a += b ^ i;
            b += c;
            c ^= d;
            d += e;
            e -= a;
        }

        Throw(new InvalidOperationException((a + b + c + d + e).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    private interface IThrower
    {
        void Go();
    }

    private sealed class Thrower : IThrower
    {
        public void Go() => throw new InvalidOperationException("via interface");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Call(IThrower? thrower) => thrower!.Go();

    internal static void ThroughInterfaceCall()
    {
        for (int i = 0; i < 3; i++)
        {
            Check.Throws<InvalidOperationException>(static () => Call(new Thrower()), "interface call");
        }
    }

    private sealed class Node
    {
        internal long Number;
        internal Node? Next = null;
        internal object? Value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Node? Null() => null;

    internal static void NullReferences()
    {
        Check.Throws<NullReferenceException>(static () => GC.KeepAlive(Null()!.Next), "read");
        Check.Throws<NullReferenceException>(static () => Null()!.Number = 1, "write");
        Check.Throws<NullReferenceException>(static () => GC.KeepAlive(((string?)(object?)Null())!.Length), "string length");
        Check.Throws<NullReferenceException>(static () => GC.KeepAlive(((int[]?)(object?)Null())![3]), "array element");
        Check.Throws<NullReferenceException>(static () => Null()!.ToString(), "virtual call");
        Check.Throws<NullReferenceException>(static () => throw (Exception)(object)Null()!, "throw of null");

        int caught = 0;
        for (int i = 0; i < 10; i++)
        {
            try
            {
                Null()!.Number++;
            }
            catch (NullReferenceException) when (i >= 0)
            {
                caught++;
            }
        }

        Check.Equal(10, caught, "faults in a loop");
    }

    internal static void NullWriteBarriers()
    {
        object value = new();
        Check.Throws<NullReferenceException>(() => Null()!.Value = value, "barrier");
        Check.Throws<NullReferenceException>(() => Interlocked.Exchange(ref Null()!.Value, value), "exchange");
        Check.Throws<NullReferenceException>(() => Interlocked.CompareExchange(ref Null()!.Value, value, null), "compare exchange");
        Check.Throws<NullReferenceException>(static () => CopyToNull(null!), "block copy");
    }

    private struct Big
    {
        internal fixed long Values[40];
    }

    private sealed class Holder
    {
        internal Big Value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CopyToNull(Holder holder)
    {
        Big big = default;
        big.Values[3] = 3;
        holder.Value = big;
    }

    internal static void NullInterfaceCall()
    {
        Check.Throws<NullReferenceException>(static () => Call(null), "null receiver, cached or not");
        Call2(new Quiet());
        Check.Throws<NullReferenceException>(static () => Call2(null), "null receiver at a cached site");
        Check.Throws<NullReferenceException>(static () => Call3(null), "null receiver at a fresh site");
    }

    private sealed class Quiet : IThrower
    {
        public void Go()
        {
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Call2(IThrower? thrower) => thrower!.Go();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Call3(IThrower? thrower) => thrower!.Go();

    internal static void DivideByZero()
    {
        Check.Throws<DivideByZeroException>(static () => GC.KeepAlive(1 / Zero()), "int");
        Check.Throws<DivideByZeroException>(static () => GC.KeepAlive(1L % Zero()), "long remainder");
        Check.Throws<DivideByZeroException>(static () => GC.KeepAlive(1ul / (ulong)Zero()), "unsigned");
        Check.Throws<DivideByZeroException>(static () => GC.KeepAlive((short)(1 / (short)Zero())), "short");
        Check.Throws<DivideByZeroException>(static () => GC.KeepAlive((nint)1 / (nint)Zero()), "native int");
        Check.Throws<DivideByZeroException>(static () => GC.KeepAlive((UInt128)1 / (UInt128)Zero()), "128 bits");
        int[] divisors = [1, 0, -1];
        Check.Throws<DivideByZeroException>(() => GC.KeepAlive(int.MinValue / divisors[1 + Zero()]), "from memory");
    }

    // ECMA-335, III.3.31 and III.3.55: the smallest number divided by -1 overflows; the CPU has one trap for that and for zero.
    internal static void DivideOverflow()
    {
        Check.Throws<OverflowException>(static () => GC.KeepAlive(int.MinValue / (Zero() - 1)), "int");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(int.MinValue % (Zero() - 1)), "int remainder");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(long.MinValue / (Zero() - 1)), "long");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(long.MinValue % (long)(Zero() - 1)), "long remainder");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(nint.MinValue / (nint)(Zero() - 1)), "native int");
        Divisors divisors = new();
        Check.Throws<OverflowException>(() => GC.KeepAlive(int.MinValue / divisors.Narrow), "int from an object");
        Check.Throws<OverflowException>(() => GC.KeepAlive(long.MinValue / divisors.Wide), "long from an object");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(int.MinValue / Divisors.Static), "int from a static");
        int[] many = [1, 2, -1, 0];
        long[] manyWide = [1, 2, -1, 0];
        Check.Throws<OverflowException>(() => GC.KeepAlive(int.MinValue / many[2 + Zero()]), "int from an array");
        Check.Throws<OverflowException>(() => GC.KeepAlive(long.MinValue % manyWide[2 + Zero()]), "long from an array");
        Check.Throws<OverflowException>(static () => DivideManyValues(Zero() - 1), "with most registers in use");
        Check.Equal(int.MinValue + 1, -(int.MaxValue / (Zero() + 1)), "a division that fits");
    }

    private sealed class Divisors
    {
        internal static int Static = -1;
        internal int Narrow = -1;
        internal long Wide = -1;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long DivideManyValues(long divisor)
    {
        long a = Zero(), b = Zero() + 1, c = Zero() + 2, d = Zero() + 3, e = Zero() + 4, f = Zero() + 5, g = Zero() + 6, h = Zero() + 7;
        long sum = (long.MinValue / (divisor + a)) + b;
        return sum + a + b + c + d + e + f + g + h + divisor;
    }

    internal static void CheckedConversions()
    {
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((int)(long.MaxValue + Zero()))), "long to int");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((uint)(Zero() - 1))), "int to uint");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((byte)(Zero() + 256))), "int to byte");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((sbyte)(Zero() + 128))), "int to sbyte");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((ulong)(Zero() - 1L))), "long to ulong");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((nint)(ulong.MaxValue - (ulong)Zero()))), "ulong to native int");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((int)(double.MaxValue + Zero()))), "double to int");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((long)(double.NaN + Zero()))), "not a number to long");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((ulong)(Zero() - 1.0))), "double to ulong");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked(long.MaxValue * (Zero() + 2L))), "product");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked((uint)Zero() - 1u)), "unsigned difference");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(checked(-(int.MinValue + Zero()))), "negation");
        Check.Throws<OverflowException>(static () => GC.KeepAlive(Math.Abs(int.MinValue + Zero())), "absolute value");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Zero() => 0;

    internal static void RuntimeChecks()
    {
        int[] numbers = new int[3];
        Check.Throws<IndexOutOfRangeException>(() => numbers[3 + Zero()] = 1, "bounds");
        Check.Throws<OverflowException>(() => GC.KeepAlive(checked(int.MaxValue + numbers.Length)), "checked");
        Check.Throws<OverflowException>(() => GC.KeepAlive(new int[Zero() - 1]), "negative length");
        Check.Throws<InvalidCastException>(() => GC.KeepAlive((string)(object)numbers), "cast");
        Check.Throws<KeyNotFoundException>(static () => GC.KeepAlive(new Dictionary<int, int>()[1]), "library exception");
        Check.Throws<ArgumentOutOfRangeException>(static () => GC.KeepAlive("abc".Substring(5)), "argument check");
    }

    internal static void StackTraceCapture()
    {
        nint* buffer = stackalloc nint[64];
        int count = Level1(buffer, 64);
        Check.True(count >= 4, "frames");
        int fewer = Level1(buffer, 2);
        Check.True(fewer < -2, "a buffer too small");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Level1(nint* buffer, int capacity)
    {
        int count = Level2(buffer, capacity);
        return count;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Level2(nint* buffer, int capacity)
    {
        int count = StackWalker.Capture(buffer, capacity, 0);
        GC.KeepAlive(count);
        return count;
    }
}
