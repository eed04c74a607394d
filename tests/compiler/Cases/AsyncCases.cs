// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;

namespace Asterion.Compiler.Cases;

/// <summary>The result of an async method, in place of CoreLib's Task, which needs a thread pool.</summary>
[AsyncMethodBuilder(typeof(JobBuilder<>))]
internal sealed class Job<T> : INotifyCompletion
{
    private readonly List<Action> _continuations = [];
    private T _result;
    private Exception _failure;

    public bool IsCompleted { get; private set; }

    internal IAsyncStateMachine Machine { get; set; }

    internal Job<T> GetAwaiter() => this;

    public T GetResult() => _failure is null ? _result : throw _failure;

    public void OnCompleted(Action continuation) => _continuations.Add(continuation);

    internal void Complete(T result, Exception failure = null)
    {
        (_result, _failure, IsCompleted) = (result, failure, true);
        foreach (Action continuation in _continuations)
        {
            continuation();
        }
    }
}

/// <summary>What the C# compiler drives a state machine with.</summary>
internal struct JobBuilder<T>
{
    private Job<T> _job;

    public static JobBuilder<T> Create() => new() { _job = new() };

    public readonly Job<T> Task => _job;

    public readonly void Start<TMachine>(ref TMachine machine)
        where TMachine : IAsyncStateMachine => machine.MoveNext();

    public readonly void SetStateMachine(IAsyncStateMachine machine) => _job.Machine = machine;

    public readonly void SetResult(T result) => _job.Complete(result);

    public readonly void SetException(Exception failure) => _job.Complete(default, failure);

    // The machine is a structure in the first frame; from the first wait on it lives in a box.
    public readonly void AwaitOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : INotifyCompletion
        where TMachine : IAsyncStateMachine
    {
        _job.Machine ??= machine;
        awaiter.OnCompleted(_job.Machine.MoveNext);
    }

    public readonly void AwaitUnsafeOnCompleted<TAwaiter, TMachine>(ref TAwaiter awaiter, ref TMachine machine)
        where TAwaiter : ICriticalNotifyCompletion
        where TMachine : IAsyncStateMachine => AwaitOnCompleted(ref awaiter, ref machine);
}

/// <summary>State machines of async methods, on one thread.</summary>
internal static class AsyncCases
{
    private static async Job<int> Add(int left, int right) => left + right;

    private static async Job<string> Twice(string text)
    {
        int length = await Add(text.Length, 0);
        string result = text;
        for (int i = 0; i < 2; i++)
        {
            result += await Add(i, length);
        }

        return result;
    }

    internal static void CompletedAtOnce(Output o)
    {
        o.Line(Add(1, 2).IsCompleted);
        o.Line(Add(1, 2).GetResult());
        o.Line(Twice("ab").GetResult());
    }

    private static async Job<int> Wait(Output o, Job<int> first, Job<string> second)
    {
        int local = 5;
        (int, string) pair = (1, "kept");
        o.Line("before");
        local += await first;
        o.Line("between " + pair.Item2);
        try
        {
            local += (await second).Length;
        }
        finally
        {
            o.Line("finally " + local);
        }

        return local + pair.Item1;
    }

    internal static void SuspendedAndResumed(Output o)
    {
        Job<int> first = new();
        Job<string> second = new();
        Job<int> job = Wait(o, first, second);
        o.Line(job.IsCompleted);
        first.Complete(10);
        o.Line(job.IsCompleted);
        second.Complete("four");
        o.Line(job.GetResult());
    }

    internal static void ExceptionsResumeToo(Output o)
    {
        Job<int> first = new();
        Job<string> second = new();
        Job<int> job = Wait(o, first, second);
        first.Complete(1);
        second.Complete(null, new FormatException());
        o.Throws(() => job.GetResult());
        Job<int> failed = Wait(o, Failing(), new Job<string>());
        o.Throws(() => failed.GetResult());
    }

    private static async Job<int> Failing() => throw new NotSupportedException();

    private static async Job<T> Generic<T>(Job<T> source, Func<T, T> change)
    {
        T value = await source;
        try
        {
            value = change(value);
        }
        catch (InvalidOperationException) when (value is int)
        {
            value = await source;
        }

        return change(change(value));
    }

    internal static void GenericMethods(Output o)
    {
        Job<string> text = new();
        Job<string> changed = Generic(text, t => t + "!");
        text.Complete("loud");
        o.Line(changed.GetResult());
        int calls = 0;
        Job<int> number = new();
        Job<int> counted = Generic(number, v => calls++ == 0 ? throw new InvalidOperationException() : v * 2);
        number.Complete(5);
        o.Line(counted.GetResult());
    }

    private static async Job<int> Recursive(Job<int> gate, int depth) => depth == 0 ? await gate : depth + await Recursive(gate, depth - 1);

    internal static void ManySuspendedFrames(Output o)
    {
        Job<int> gate = new();
        Job<int> sum = Recursive(gate, 50);
        o.Line(sum.IsCompleted);
        gate.Complete(1000);
        o.Line(sum.GetResult());
    }
}
