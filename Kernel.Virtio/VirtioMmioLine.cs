// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd;
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>An interrupt line that several devices may share.</summary>
internal sealed class VirtioMmioLine(int irq, IrqLine line)
{
    // A shared line that is edge-triggered rises no more while one device holds it up: all are asked until none wants anything. One that always does must not hold the CPU.
    private const int MaxRounds = 16;

    // Replaced, never changed, since the interrupt may come meanwhile.
    private VirtioMmioTransport[] _transports = [];

    /// <summary>Its number.</summary>
    public int Irq => irq;

    /// <summary>Passes the line's interrupts on to one more device.</summary>
    public void Add(VirtioMmioTransport transport)
    {
        Volatile.Write(ref _transports, [.. _transports, transport]);
        line.Enable(static state => ((VirtioMmioLine)state!).Handle(), this);
    }

    [InterruptSafe]
    private void Handle() => Serve(Volatile.Read(ref _transports));

    /// <summary>The line has risen.</summary>
    [InterruptSafe]
    internal static void Serve(VirtioMmioTransport[] transports)
    {
        var isAnyServed = true;
        for (var round = 0; round < MaxRounds && isAnyServed; round++)
        {
            isAnyServed = false;
            foreach (var transport in transports)
            {
                isAnyServed |= transport.HandleInterrupt();
            }
        }
    }
}
