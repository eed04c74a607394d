// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Ostd.Devices;
using Ostd.Logging;

namespace Kernel.Virtio;

/// <summary>
/// Finds the virtio devices that the command line tells of (<c>virtio_mmio.device=512@0xfeb00000:5</c>, any number of times) and those that the firmware describes, and offers them to the drivers of their type.
/// </summary>
[Component(Stage = InitStage.Late)]
public sealed class VirtioMmioBus(KernelCommandLine commandLine, VirtioDriverEntry[] drivers) : IInitializable
{
    private const int NotIsa = -1;
    private const string Parameter = "virtio_mmio.device";

    private readonly List<VirtioLine> _lines = [];

    /// <inheritdoc/>
    public void Initialize()
    {
        foreach (var (name, value) in commandLine.Parameters)
        {
            if (!KernelCommandLine.NamesEqual(name, Parameter))
            {
                continue;
            }

            if (!VirtioMmioParameter.TryParse(value, out var place))
            {
                Log.Warn("virtio-mmio: not understood: " + name + "=" + value);
            }
            else if (TryAdd(place) is { } reason)
            {
                Log.Warn("virtio-mmio " + value + ": " + reason);
            }
        }

        foreach (var device in PlatformDevice.Find("virtio,mmio"u8))
        {
            var reason = device.TryAcquireRegisters(out var registers) ? TryAdd(registers, device.Address, transport => Connect(device, transport)) : "its registers are taken";
            if (reason is not null)
            {
                Log.Warn("virtio-mmio " + NameOf(device.Address) + ": " + reason);
            }
        }
    }

    private string? TryAdd(VirtioMmioParameter place) =>
        IoMem.TryAcquire(place.Address, place.Length, out var registers)
            ? TryAdd(registers, place.Address, transport => Connect(place.Irq, transport))
            : "no registers can be there, or they are taken";

    private string? TryAdd(IoMem registers, ulong address, Func<VirtioMmioTransport, Errno> connect)
    {
        var reason = VirtioMmioTransport.TryOpen(registers, "virtio-mmio " + NameOf(address), connect, out var opened);
        if (reason is null && opened is { DeviceId: not 0 } transport)
        {
            foreach (var entry in drivers)
            {
                if (entry.DeviceId == transport.DeviceId)
                {
                    // The device has the registers from now on, also if it fails.
                    var error = new VirtioDevice(transport).Attach(entry.Driver);
                    return error == Errno.Success ? null : "not usable, error " + (int)error;
                }
            }
        }

        registers.Dispose();
        return reason;
    }

    private Errno Connect(int irq, VirtioMmioTransport transport) => VirtioLine.Connect(_lines, irq, transport, () => IrqLine.TryAcquireIsa(irq, out var line) ? line : null);

    // The line is the device's own.
    private static Errno Connect(PlatformDevice device, VirtioMmioTransport transport)
    {
        if (!device.TryAcquireInterrupt(out var line))
        {
            return Errno.EBUSY;
        }

        new VirtioLine(NotIsa, line).Add(transport);
        return Errno.Success;
    }

    private static string NameOf(ulong address)
    {
        var text = "";
        do
        {
            var digit = (int)(address & 15);
            text = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10) + text;
            address >>= 4;
        }
        while (address != 0);
        return text;
    }
}
