// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Devices;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Terminals;
using Ostd.Devices;
using Ostd.Logging;
using Ostd.Sync;

namespace Kernel.Drivers.VirtioConsole;

/// <summary>Takes virtio consoles into service (VIRTIO 1.2, section 5.3): hvc0, hvc1, ... Of each device its first port, which is a console without further negotiation.</summary>
[VirtioDriver(3, Stage = InitStage.Late)]
public sealed class VirtioConsoleDriver(ITerminalFactory terminals, IDeviceRegistry devices) : IVirtioDriver
{
    // Linux' devices.txt: hypervisor consoles. Without udev the nodes are root's alone there.
    private const int Major = 229;
    private const int MaxConsoles = 8;
    private const int NodeMode = 0x180;

    // Section 5.3.3.
    private const ulong FeatureSize = 1 << 0;

    // Section 5.3.2: the queues of port 0.
    private const int ReceiveQueue = 0;
    private const int TransmitQueue = 1;

    private readonly Mutex _lock = new();
    private int _count;

    /// <inheritdoc/>
    public Errno Attach(IVirtioDevice device)
    {
        using var guard = _lock.Acquire();
        if (_count == MaxConsoles)
        {
            return Errno.ENOSPC;
        }

        if (!device.Negotiate(FeatureSize).TryGet(out var features, out var error))
        {
            return error;
        }

        if (!DmaCoherent.TryAllocate(ConsolePort.MemoryLength, out var memory))
        {
            return Errno.ENOMEM;
        }

        var name = "hvc" + (char)('0' + _count);
        var port = new ConsolePort(device, memory, name, (features & FeatureSize) != 0);
        if (!device.CreateQueue(ReceiveQueue, ConsolePort.ReceiveBuffers, port).TryGet(out var receiving, out error)
            || !device.CreateQueue(TransmitQueue, 1, port).TryGet(out var transmitting, out error))
        {
            return error;
        }

        port.Prepare(receiving, transmitting);
        error = device.Start();
        if (error != Errno.Success)
        {
            return error;
        }

        var number = new DeviceNumber(Major, _count);
        var terminal = terminals.Create(name, number, port, ControlModes.B38400 | ControlModes.CS8 | ControlModes.CREAD | ControlModes.HUPCL);
        port.Attach(terminal);
        _count++;
        if (devices.Register(name, number, NodeMode, terminal) != Errno.Success)
        {
            Log.Warn(name + ": its device number is taken");
        }

        return Errno.Success;
    }
}
