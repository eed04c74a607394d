// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Asterion.Compiler.Cases;

/// <summary>Lambdas and local functions that capture.</summary>
internal static class ClosureCases
{
    internal static void LoopVariables(Output o)
    {
        var actions = new List<Func<int>>();
        for (int i = 0; i < 3; i++)
        {
            actions.Add(() => i);
        }

        foreach (int each in new[] { 10, 20 })
        {
            actions.Add(() => each);
        }

        for (int i = 0; i < 2; i++)
        {
            int own = i;
            actions.Add(() => own++);
        }

        foreach (Func<int> action in actions)
        {
            o.Line(action());
        }

        o.Line(actions[^1]());
    }

    internal static void SharedVariables(Output o)
    {
        int count = 0;
        Action up = () => count++;
        Func<int> read = () => count;
        up();
        up();
        o.Line(read());
        count = 10;
        up();
        o.Line(count);
    }

    internal static void NestedScopes(Output o)
    {
        int outer = 1;
        var results = new List<Func<int>>();
        for (int i = 0; i < 2; i++)
        {
            int middle = i * 10;
            for (int j = 0; j < 2; j++)
            {
                int inner = j * 100;
                results.Add(() => outer + middle++ + inner);
            }
        }

        outer = 2;
        foreach (Func<int> result in results)
        {
            o.Line(result());
        }
    }

    private sealed class Account(int balance)
    {
        private int _balance = balance;

        internal Action<int> Deposit() => amount => _balance += amount;

        internal Func<int> Balance() => () => _balance;
    }

    internal static void CapturingThis(Output o)
    {
        var account = new Account(5);
        Action<int> deposit = account.Deposit();
        deposit(10);
        deposit(20);
        o.Line(account.Balance()());
    }

    private static Func<T> Constant<T>(T value) => () => value;

    private static Func<T, List<T>> Collector<T>()
    {
        var list = new List<T>();
        return v =>
        {
            list.Add(v);
            return list;
        };
    }

    internal static void InGenericMethods(Output o)
    {
        o.Line(Constant(5)());
        o.Line(Constant("s")());
        Func<int, List<int>> collect = Collector<int>();
        collect(1);
        o.Line(collect(2).Count);
        o.Line(Collector<string>()("x")[0]);
    }

    internal static void LocalFunctionsWithState(Output o)
    {
        int depth = 0;
        int Fibonacci(int n)
        {
            depth++;
            return n < 2 ? n : Fibonacci(n - 1) + Fibonacci(n - 2);
        }

        o.Line(Fibonacci(10));
        o.Line(depth);
        static bool IsEven(int n) => n == 0 || IsOdd(n - 1);
        static bool IsOdd(int n) => n != 0 && IsEven(n - 1);
        o.Line(IsEven(20));
        T Echo<T>(T value)
        {
            depth += 1000;
            return value;
        }

        o.Line(Echo("generic") + Echo(1));
        o.Line(depth);
    }

    internal static void CapturedParametersAndStructs(Output o)
    {
        (int, string) pair = (1, "one");
        Action change = () => pair = (pair.Item1 + 1, pair.Item2 + "!");
        change();
        change();
        o.Line(pair.Item1 + pair.Item2);
        o.Line(Captured(5, 6)());
    }

    private static Func<int> Captured(int first, int second)
    {
        first *= 2;
        return () => first++ + second;
    }

    internal static void StaticLambdasAreMadeOnce(Output o)
    {
        Func<int, int>[] made = new Func<int, int>[2];
        for (int i = 0; i < 2; i++)
        {
            made[i] = static v => v + 1;
        }

        o.Line(ReferenceEquals(made[0], made[1]));
        int captured = made[0](1);
        Func<int>[] closures = new Func<int>[2];
        for (int i = 0; i < 2; i++)
        {
            closures[i] = () => captured;
        }

        o.Line(closures[0].Target == closures[1].Target);
    }

    internal static void LambdasWithDefaultsAndDiscards(Output o)
    {
        var add = (int a, int b = 10) => a + b;
        o.Line(add(1));
        o.Line(add(1, 2));
        Func<int, int, int> constant = (_, _) => 7;
        o.Line(constant(1, 2));
        var sum = (params int[] values) => values.Length;
        o.Line(sum(1, 2, 3));
    }

    internal static void EventsWithCaptures(Output o)
    {
        var source = new Source();
        int total = 0;
        Action<int> handler = v => total += v;
        source.Changed += handler;
        source.Changed += v => total += v * 100;
        source.Raise(1);
        source.Changed -= handler;
        source.Raise(2);
        o.Line(total);
    }

    private sealed class Source
    {
        private Action<int> _handlers;

        internal event Action<int> Changed
        {
            add => _handlers += value;
            remove => _handlers -= value;
        }

        internal void Raise(int value) => _handlers?.Invoke(value);
    }
}
