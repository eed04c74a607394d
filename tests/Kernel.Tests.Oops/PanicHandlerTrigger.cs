// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Ostd.Boot;
using Ostd.Cpus;
using Ostd.Devices;
using Ostd.Sync;
using Ostd.Tasks;
using SpinLock = Ostd.Sync.SpinLock;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Oops;

/// <summary>/proc/asterion/test/panic-handler: a program that writes what a panic's handler does gets a panic with such a handler.</summary>
[PseudoFile("/proc/asterion/test/panic-handler", Mode = 0x1b6, Stage = InitStage.Late)]
public sealed class PanicHandlerTrigger : NamedActions
{
    private readonly InvalidOperationException _prepared = new("thrown by a panic handler");
    private readonly SpinLock _lock = new();
    private object? _allocated;
    private int _isHeld;

    /// <summary>Names the handlers.</summary>
    public PanicHandlerTrigger() => Actions = new Dictionary<string, Action>
    {
        ["returns"] = static () => Provoke(static () => { }),
        ["throws"] = () => Provoke(() => throw _prepared),
        ["panics"] = static () => Provoke(static () => Panic.Halt("a panic in the panic handler")),
        ["allocates"] = () => Provoke(() => _allocated = new byte[100]),
        ["sleeps"] = static () => Provoke(static () => Task.Yield()),
        ["takes-lock"] = TakeLock,
        ["powers-off"] = static () => Provoke(static () => Power.Off()),
    };

    /// <inheritdoc/>
    protected override Dictionary<string, Action> Actions { get; }

    /// <summary>The machine lives.</summary>
    protected override Errno Outcome => _allocated is null ? Errno.EIO : Errno.ENODEV;

    // Another CPU holds the lock when the panic stops it.
    private void TakeLock()
    {
        if (Task.TryCreate(_ => Hold(), null, "holder", out var holder))
        {
            holder.Start();
        }

        Task.Current.SetAffinity(1);
        while (Volatile.Read(ref _isHeld) == 0)
        {
            Task.Yield();
        }

        Provoke(() =>
        {
            using var guard = _lock.Acquire();
        });
    }

    private void Hold()
    {
        Task.Current.SetAffinity(1ul << Cpu.Count - 1);
        using var guard = _lock.Acquire();
        Volatile.Write(ref _isHeld, 1);
        while (Volatile.Read(ref _isHeld) == 1)
        {
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Provoke(Action action)
    {
        Panic.Install(new Handler(action));
        Panic.Halt("planted");
    }

    private sealed class Handler(Action action) : IPanicHandler
    {
        public void OnPanic(string reason)
        {
            EarlyConsole.Write("The handler is told of: ");
            EarlyConsole.Write(reason);
            EarlyConsole.Write("\n");
            action();
        }
    }
}
