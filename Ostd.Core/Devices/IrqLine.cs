// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using Ostd.Arch;

namespace Ostd.Devices;

/// <summary>An interrupt line. Handlers run with interrupts off and must not allocate, sleep, throw or use user memory; work goes to <see cref="Tasks.DeferredWork"/>.</summary>
public sealed class IrqLine : IDisposable
{
    private readonly int _number;
    private Action<object?>? _handler;
    private object? _state;
    private bool _isDisposed;

    private IrqLine(int number) => _number = number;

    /// <summary>Takes a line by its ISA number (x86: routed through the I/O APIC).</summary>
    /// <returns>False when there is no such line or it is taken.</returns>
    public static bool TryAcquireIsa(int isaIrq, [NotNullWhen(true)] out IrqLine? line)
    {
        int number = InterruptController.FromIsa(isaIrq);
        var candidate = new IrqLine(number);
        line = IrqTable.TryAdd(number, candidate) ? candidate : null;
        return line is not null;
    }

    /// <summary>Sets the handler and unmasks the line.</summary>
    public void Enable(Action<object?> handler, object? state)
    {
        ArgumentNullException.ThrowIfNull(handler);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        IrqTable.SetMasked(_number, isMasked: true);
        _state = state;
        _handler = handler;
        IrqTable.SetMasked(_number, isMasked: false);
    }

    /// <summary>Masks the line.</summary>
    public void Disable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        IrqTable.SetMasked(_number, isMasked: true);
    }

    public void Dispose()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            IrqTable.Remove(_number);
        }
    }

    internal void Invoke() => _handler?.Invoke(_state);
}
