// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Ostd.Torture.Loads;

/// <summary>Interface calls over more types than a call site's cache holds, of classes, structs and generic instances; delegates, casts and generic virtual methods.</summary>
internal sealed class DispatchLoad : ITortureLoad
{
    private interface IFigure
    {
        ulong Number { get; }

        ulong Combine<T>(T value, ulong seed);

        // A default implementation is found through the interface.
        ulong Twice() => Number * 2;
    }

    private class Figure<T>(ulong number) : IFigure
    {
        public ulong Number => number;

        public virtual ulong Combine<TValue>(TValue value, ulong seed) => seed + (value is T ? 3ul : 5ul) + number;
    }

    private sealed class OverridingFigure<T>(ulong number) : Figure<T>(number), IFigure
    {
        ulong IFigure.Twice() => Number * 2;
    }

    private struct FigureStruct<T>(ulong number) : IFigure
    {
        public readonly ulong Number => number;

        public readonly ulong Combine<TValue>(TValue value, ulong seed) => seed + (value is T ? 3ul : 5ul) + number;
    }

    // The types are closed here, where the compiler sees them; each digit doubles them.
    private sealed class Chooser
    {
        private readonly List<Func<ulong, IFigure>> _makers = [];

        public Chooser()
        {
            Add<byte>();
            Add<int>();
            Add<long>();
            Add<string>();
            Add<object>();
            Add<byte[]>();
            Add<Dice>();
            Add<List<int>>();
            Add<(int, string)>();
            Add<KeyValuePair<string, object>>();
        }

        public IFigure Make(Dice dice, ulong number) => _makers[dice.Below(_makers.Count)](number);

        private void Add<T>()
        {
            AddOne<T>();
            AddOne<T[]>();
            AddOne<List<T>>();
            AddOne<Figure<T>>();
        }

        private void AddOne<T>()
        {
            _makers.Add(static number => new Figure<T>(number));
            _makers.Add(static number => new OverridingFigure<T>(number));
            _makers.Add(static number => new FigureStruct<T>(number));
        }
    }

    private readonly Chooser _chooser = new();

    public string Name => "dispatch";

    public void Run(Dice dice)
    {
        var figures = new IFigure[8];
        ulong expected = 0;
        for (int i = 0; i < figures.Length; i++)
        {
            ulong number = (ulong)dice.Below(1000);
            expected += number * 3;
            figures[i] = _chooser.Make(dice, number);
        }

        TortureException.Unless(Sum(figures) == expected, "interface calls went to the wrong methods");
        IFigure figure = figures[0];
        ulong combined = figure.Combine("text", 10);
        TortureException.Unless(combined - figure.Number - 10 is 3 or 5, "a generic virtual method went wrong");
        Func<ulong> twice = figure.Twice;
        TortureException.Unless(twice() == figure.Number * 2, "a delegate went to the wrong method");
    }

    public void Finish()
    {
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ulong Sum(IFigure[] figures)
    {
        ulong sum = 0;
        foreach (IFigure figure in figures)
        {
            sum += figure.Number + figure.Twice();
        }

        return sum;
    }
}
