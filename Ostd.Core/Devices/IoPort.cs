// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Devices;

/// <summary>A range of x86 I/O ports, exclusively owned. Ranges that OSTD uses itself or that could break memory safety are refused.</summary>
public sealed class IoPortRange : IDisposable
{
    /// <summary>Takes a range.</summary>
    /// <returns>False when it is sensitive, taken, or the architecture has no ports.</returns>
    public static bool TryAcquire(ushort firstPort, int count, out IoPortRange? range) => throw new NotSupportedException();

    public byte ReadByte(int offset) => throw new NotSupportedException();

    public void WriteByte(int offset, byte value) => throw new NotSupportedException();

    public ushort ReadUInt16(int offset) => throw new NotSupportedException();

    public void WriteUInt16(int offset, ushort value) => throw new NotSupportedException();

    public uint ReadUInt32(int offset) => throw new NotSupportedException();

    public void WriteUInt32(int offset, uint value) => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}

/// <summary>An interrupt line. Handlers run with interrupts off and must not allocate, sleep, throw or use user memory; work goes to <see cref="Tasks.DeferredWork"/>.</summary>
public sealed class IrqLine : IDisposable
{
    /// <summary>Takes a line by its ISA number (x86: routed through the I/O APIC).</summary>
    public static bool TryAcquireIsa(int isaIrq, out IrqLine? line) => throw new NotSupportedException();

    /// <summary>Sets the handler and unmasks the line.</summary>
    public void Enable(Action<object?> handler, object? state) => throw new NotSupportedException();

    /// <summary>Masks the line.</summary>
    public void Disable() => throw new NotSupportedException();

    public void Dispose() => throw new NotSupportedException();
}
