// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Kernel.Tests.Oops;

/// <summary>Exceptions that leave through each kind of call.</summary>
internal static class FrameBugs
{
    private interface IThrower
    {
        void Throw();

        void ThrowGeneric<T>(T value);
    }

    private abstract class Base
    {
        public abstract void Throw();

        public virtual string ThrowGeneric<T>(T value) => throw new InvalidOperationException("generic virtual");
    }

    private sealed class Derived : Base, IThrower
    {
        public override void Throw() => throw new InvalidOperationException("virtual");

        public override string ThrowGeneric<T>(T value) => throw new NotSupportedException(typeof(T) == typeof(string) ? "of string" : "of another");

        void IThrower.Throw() => throw new InvalidOperationException("interface");

        void IThrower.ThrowGeneric<T>(T value) => ThrowGeneric(value);
    }

    private struct Value : IThrower
    {
        public int Number;

        public readonly void Throw() => throw new InvalidOperationException("boxed structure " + Number);

        public readonly void ThrowGeneric<T>(T value) => throw new InvalidOperationException("boxed structure, generic");
    }

    private sealed class UnfriendlyException(string message) : Exception(message);

    public static void AddTo(List<KeyValuePair<string, Action>> bugs)
    {
        bugs.Add(new("virtual", static () => Make().Throw()));
        bugs.Add(new("generic-virtual", static () => Make().ThrowGeneric("x")));
        bugs.Add(new("generic-virtual-of-structure", static () => Make().ThrowGeneric((1, 2L))));
        bugs.Add(new("interface", static () => ((IThrower)Make()).Throw()));
        bugs.Add(new("generic-interface", static () => ((IThrower)Make()).ThrowGeneric(5)));
        bugs.Add(new("boxed-structure", static () => Box(5).Throw()));
        bugs.Add(new("delegate", static () => CallDelegate(Make().Throw)));
        bugs.Add(new("multicast-delegate", CallMulticast));
        bugs.Add(new("lambda", CallLambda));
        bugs.Add(new("iterator", CallIterator));
        bugs.Add(new("own-exception", static () => throw new UnfriendlyException("of the component's own type")));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Derived Make() => new();

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Performance", "CA1859", Justification = "The call through the interface on a boxed value is what is tested.")]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IThrower Box(int number) => new Value { Number = number };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CallDelegate(Action action) => action();

    private static void CallMulticast()
    {
        Action both = static () => { };
        both += Make().Throw;
        CallDelegate(both);
    }

    private static void CallLambda()
    {
        var captured = Make();
        CallDelegate(() => captured.Throw());
    }

    private static void CallIterator()
    {
        foreach (var _ in Numbers())
        {
        }
    }

    private static IEnumerable<int> Numbers()
    {
        yield return 1;
        throw new InvalidOperationException("iterator");
    }
}
