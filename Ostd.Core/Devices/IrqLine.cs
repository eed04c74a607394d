// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>An interrupt line. Handlers run with interrupts off and must not allocate, sleep, throw or use user memory; work goes to <see cref="Tasks.DeferredWork"/>.</summary>
public sealed class IrqLine : IDisposable
{
    // Of a message line: what masks it in its device.
    private readonly Pci.MsixTable? _table;
    private readonly int _entry;
    private int _number;
    private Registration? _registration;
    private bool _isDisposed;

    private IrqLine(int number) => _number = number;

    private IrqLine(Pci.MsixTable table, int entry)
    {
        _table = table;
        _entry = entry;
    }

    /// <summary>The line's number.</summary>
    internal int Number => _number;

    /// <summary>Takes a free message line for the remapping units, which are not subject to what they do to others.</summary>
    /// <returns>False when no line is free.</returns>
    internal static bool TryAcquireUnits([NotNullWhen(true)] out IrqLine? line)
    {
        var candidate = new IrqLine(-1);
        candidate._number = IrqTable.AddMessage(candidate);
        line = candidate._number >= 0 ? candidate : null;
        return line is not null;
    }

    /// <summary>Takes a free message line for an entry of a device's table, which stays masked.</summary>
    /// <returns>False when no line is free.</returns>
    internal static bool TryAcquireMessage(Pci.MsixTable table, int entry, [NotNullWhen(true)] out IrqLine? line)
    {
        var candidate = new IrqLine(table, entry);
        candidate._number = IrqTable.AddMessage(candidate);
        line = candidate._number >= 0 ? candidate : null;
        if (line is not null)
        {
            InterruptController.RouteMessage(line._number, table.RequesterId, out ulong address, out uint data);
            table.SetMessage(entry, address, data);
        }

        return line is not null;
    }

    /// <summary>Takes a line by its ISA number (x86: routed through the I/O APIC).</summary>
    /// <returns>False when there is no such line or it is taken.</returns>
    public static bool TryAcquireIsa(int isaIrq, [NotNullWhen(true)] out IrqLine? line)
    {
        return TryAcquire(InterruptController.FromIsa(isaIrq), out line);
    }

    /// <summary>Takes a line by its own number.</summary>
    internal static bool TryAcquire(int number, [NotNullWhen(true)] out IrqLine? line)
    {
        var candidate = new IrqLine(number);
        line = IrqTable.TryAdd(number, candidate) ? candidate : null;
        return line is not null;
    }

    /// <summary>Sets the handler and unmasks the line. A handler that was set before may still run on another CPU, with its own state.</summary>
    /// <param name="handler">Runs with interrupts off on the CPU that the line interrupts.</param>
    /// <param name="state">Passed to it.</param>
    /// <exception cref="ObjectDisposedException">The line was given back.</exception>
    public void Enable(InterruptHandler handler, object? state)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Disposed.ThrowIf(_isDisposed, nameof(IrqLine));
        var registration = new Registration(handler, state);
        SetMasked(true);
        Volatile.Write(ref _registration, registration);
        SetMasked(false);
    }

    /// <summary>Masks the line, and returns when the handler runs nowhere. Not in atomic mode.</summary>
    /// <exception cref="ObjectDisposedException">The line was given back.</exception>
    public void Disable()
    {
        Disposed.ThrowIf(_isDisposed, nameof(IrqLine));
        SetMasked(true);
        Rcu.Synchronize();
    }

    /// <summary>Gives the line back, and returns when the handler runs nowhere: what it used can be reclaimed. Not in atomic mode. A second time has no effect.</summary>
    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            SetMasked(true);
            IrqTable.Remove(_number);
            Rcu.Synchronize(); // a handler is atomic mode
        }
    }

    private void SetMasked(bool isMasked)
    {
        if (_table is null)
        {
            IrqTable.SetMasked(_number, isMasked);
        }
        else
        {
            _table.SetMasked(_entry, isMasked);
        }
    }

    [InterruptSafe]
    internal void Invoke()
    {
        Registration? registration = Volatile.Read(ref _registration);
        registration?.Handler(registration.State);
    }

    // One reference, so that no handler runs with another one's state.
    private sealed class Registration(InterruptHandler handler, object? state)
    {
        public InterruptHandler Handler { get; } = handler;

        public object? State { get; } = state;
    }
}

/// <summary>Handles an interrupt: with interrupts off, on the stack of whatever was interrupted.</summary>
/// <param name="state">What <see cref="IrqLine.Enable"/> was given.</param>
[InterruptSafe]
public delegate void InterruptHandler(object? state);
