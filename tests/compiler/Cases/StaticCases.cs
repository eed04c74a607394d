// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Threading;

namespace Asterion.Compiler.Cases;

internal static class Journal
{
    internal static readonly List<string> Entries = [];
}

internal static class Precise
{
    internal static int Value;

    static Precise()
    {
        Journal.Entries.Add("precise");
        Value = 5;
    }

    internal static void Touch()
    {
    }
}

internal static class CycleA
{
    internal static int Value = CycleB.Value + 1;
}

internal static class CycleB
{
    internal static int Value = CycleA.Value + 10;
}

internal static class Failing
{
    internal static int Value = 1;

    static Failing() => throw new CaseException(9);
}

internal static class Constants
{
    internal static readonly int[] Primes = [2, 3, 5, 7, 11, 13];
    internal static readonly string[] Names = ["zero", "one", "two"];
    internal static readonly (int, string) Pair = (4, "four");
    internal static readonly Node List = new(1, new(2, new(3, null)));
    internal static readonly long Computed = Power(3, 20);
    internal static readonly int[][] Rows = [[1], [2, 3]];
    internal static readonly double[] Reals = [0.5, 1.5];
    internal static readonly object Boxed = 77;
    internal static readonly Func<int, int> Function = x => x + Primes[0];

    private static long Power(long value, int exponent)
    {
        long result = 1;
        for (int i = 0; i < exponent; i++)
        {
            result *= value;
        }

        return result;
    }

    internal sealed record Node(int Value, Node Next);
}

internal static class Shared
{
    internal static readonly int[] Numbers = [1, 2, 3];
    internal static int Count = 7;
}

internal static class ReadsContent
{
    internal static readonly int First = Shared.Numbers[0];
}

internal static class ReadsVariable
{
    internal static readonly int Count = Shared.Count;
}

internal static class ReadsReference
{
    internal static readonly int[] Same = Shared.Numbers;
    internal static readonly object Key = typeof(int[]) == typeof(int[]) ? "same" : "other";
    internal static readonly Type Named = typeof(string);
    internal static readonly Func<string, int> Parse = int.Parse;
    internal static readonly ulong Large = 0xfedc_ba98_7654_3210;
    internal static readonly sbyte Small = -5;
    internal static readonly double Real = -0.125;
    internal static readonly int[] Empty = [];
    internal static readonly Wrapper Wrapped = new(new(3, "three"));

    internal readonly struct Wrapper(Wrapper.Content content)
    {
        internal readonly Content Inner = content;

        internal readonly struct Content(int number, string text)
        {
            internal readonly int Number = number;
            internal readonly string Text = text;
        }
    }
}

internal static class StaticCases
{
    [ThreadStatic]
    private static int t_count;

    private static volatile int s_flag;
    private static long s_counter;
    private static object s_reference;

    internal static void PreciseConstructor(Output o)
    {
        o.Line(Journal.Entries.Count);
        Precise.Touch();
        o.Line(Journal.Entries.Count);
        o.Line(Precise.Value);
        Precise.Touch();
        o.Line(Journal.Entries.Count);
    }

    internal static void Cycle(Output o)
    {
        o.Line(CycleA.Value);
        o.Line(CycleB.Value);
    }

    internal static void FailingConstructor(Output o)
    {
        for (int i = 0; i < 2; i++)
        {
            try
            {
                o.Line(Failing.Value);
            }
            catch (TypeInitializationException e)
            {
                o.Line(e.InnerException.Message);
            }
        }
    }

    internal static void ConstantInitialisers(Output o)
    {
        o.Line(Constants.Primes[5]);
        o.Line(Constants.Names[2]);
        o.Line(Constants.Pair.Item2 + Constants.Pair.Item1);
        o.Line(Constants.List.Next.Next.Value);
        o.Line(Constants.Computed);
        o.Line(Constants.Rows[1][1]);
        o.Line(Constants.Reals[1].ToString());
        o.Line((int)Constants.Boxed);
        o.Line(Constants.Function(5));
        Constants.Primes[0] = 100;
        o.Line(Constants.Function(5));
    }

    internal static void LateReadersSeeChanges(Output o)
    {
        Shared.Numbers[0] = 50;
        Shared.Count = 60;
        o.Line(ReadsContent.First);
        o.Line(ReadsVariable.Count);
    }

    internal static void ManyKindsOfInitialisers(Output o)
    {
        o.Line(ReferenceEquals(ReadsReference.Same, Shared.Numbers));
        Shared.Numbers[1] = 77;
        o.Line(ReadsReference.Same[1]);
        o.Line((string)ReadsReference.Key);
        o.Line(ReadsReference.Named == "x".GetType());
        o.Line(ReadsReference.Parse("12"));
        o.Line(ReadsReference.Large.ToString());
        o.Line(ReadsReference.Small);
        o.Line(ReadsReference.Real.ToString());
        o.Line(ReadsReference.Empty.Length);
        o.Line(ReadsReference.Wrapped.Inner.Text + ReadsReference.Wrapped.Inner.Number);
    }

    internal static void ThreadStatic(Output o)
    {
        t_count += 5;
        t_count++;
        o.Line(t_count);
        ref int count = ref t_count;
        count = 50;
        o.Line(t_count);
    }

    internal static void VolatileAndInterlocked(Output o)
    {
        s_flag = 3;
        o.Line(s_flag);
        o.Line(Interlocked.Increment(ref s_counter));
        o.Line(Interlocked.Add(ref s_counter, 10));
        o.Line(Interlocked.Exchange(ref s_counter, 100));
        o.Line(Interlocked.CompareExchange(ref s_counter, 5, 99));
        o.Line(Interlocked.CompareExchange(ref s_counter, 5, 100));
        o.Line(s_counter);
        o.Line(Interlocked.CompareExchange(ref s_reference, "set", null) is null);
        o.Line((string)Interlocked.Exchange(ref s_reference, "new"));
        int bits = 0b1100;
        o.Line(Interlocked.Or(ref bits, 0b0011));
        o.Line(Interlocked.And(ref bits, 0b0101));
        o.Line(bits);
        o.Line(Volatile.Read(ref s_counter));
    }

    internal static void Locks(Output o)
    {
        object gate = new();
        int total = 0;
        lock (gate)
        {
            lock (gate)
            {
                total++;
            }
        }

        o.Line(total);
        o.Line(Monitor.IsEntered(gate));
        Lock modern = new();
        lock (modern)
        {
            o.Line(modern.IsHeldByCurrentThread);
        }
    }

    internal static void SwitchesAndLoops(Output o)
    {
        for (int i = -1; i < 6; i++)
        {
            o.Line(i switch
            {
                0 => "zero",
                1 or 2 => "small",
                3 => "three",
                4 => "four",
                _ => "other",
            });
        }

        foreach (string word in (string[])["red", "green", "blue", "pink", "cyan", "teal", "grey", "gold"])
        {
            switch (word)
            {
                case "green":
                    o.Line("found green");
                    break;
                case "cyan":
                    o.Line("found cyan");
                    break;
                case "gold":
                    o.Line("found gold");
                    break;
            }
        }

        int n = 27;
        int steps = 0;
        do
        {
            n = n % 2 == 0 ? n / 2 : (3 * n) + 1;
            steps++;
        }
        while (n != 1);
        o.Line(steps);
    }
}
