// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>Tasks of a test, which can be joined.</summary>
internal sealed class Workers
{
    private readonly WaitQueue _ended = new();
    private int _running;

    /// <summary>Starts a task.</summary>
    public Task Start(string name, Action body)
    {
        Interlocked.Increment(ref _running);
        bool isCreated = Task.TryCreate(
            state =>
            {
                ((Action)state!)();
                Interlocked.Decrement(ref _running);
                _ended.WakeAll();
            },
            body,
            name,
            out Task? task);
        Check.That(isCreated, "a task could not be created");
        task!.Start();
        return task;
    }

    /// <summary>Waits until all have ended.</summary>
    public void Join() => _ended.Wait(this, static workers => Volatile.Read(ref workers._running) == 0);
}
