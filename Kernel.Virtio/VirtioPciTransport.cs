// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Ostd;
using Ostd.Devices;
using Ostd.Devices.Pci;

namespace Kernel.Virtio;

/// <summary>The registers of a modern virtio device on PCI (VIRTIO 1.2, section 4.1.4): with message-signalled interrupts, or with the function's pin where messages reach no CPU.</summary>
internal sealed class VirtioPciTransport : IVirtioTransport, IVirtioLineUser
{
    private const ushort NoVector = 0xffff;

    private readonly PciFunction _function;
    private readonly VirtioPciCommonConfiguration _common;
    private readonly IoMem _notify;
    private readonly IoMem? _configuration;
    private readonly Pin? _pin;
    private readonly uint _notifyMultiplier;

    // By queue: where its notifications go; null until the queue is enabled.
    private IoRegister<ushort>?[] _notifications = [];
    private Vector[] _vectors = [];

    private VirtioPciTransport(PciFunction function, int deviceId, IoMem common, IoMem notify, uint notifyMultiplier, IoMem? configuration, Pin? pin)
    {
        _function = function;
        _common = new VirtioPciCommonConfiguration(common);
        _notify = notify;
        _notifyMultiplier = notifyMultiplier;
        _configuration = configuration;
        _pin = pin;
        DeviceId = deviceId;
        Name = "virtio-pci " + function.Address;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsBehindIommu => Iommu.IsActive;

    /// <inheritdoc/>
    public int DeviceId { get; }

    /// <inheritdoc/>
    public int ConfigurationLength => _configuration?.Length ?? 0;

    /// <inheritdoc/>
    public byte ConfigurationGeneration => _common.Generation.Read();

    /// <inheritdoc/>
    public DeviceStatus Status
    {
        get => (DeviceStatus)_common.Status.Read();
        set => _common.Status.Write((byte)value);
    }

    /// <summary>Takes a function's registers.</summary>
    /// <param name="function">The function.</param>
    /// <param name="deviceId">The device's type.</param>
    /// <param name="lines">The lines of pins that virtio devices use.</param>
    /// <returns>Null when they are not there, or not where they could be used.</returns>
    public static VirtioPciTransport? TryOpen(PciFunction function, int deviceId, List<VirtioLine> lines)
    {
        var common = VirtioPciCapability.Find(function, VirtioPciCapability.Common);
        var notify = VirtioPciCapability.Find(function, VirtioPciCapability.Notify);
        var configuration = VirtioPciCapability.Find(function, VirtioPciCapability.Device);
        if (common is not { } commonPlace || notify is not { } notifyPlace || commonPlace.Length < VirtioPciCommonConfiguration.Length
            || commonPlace.Offset % sizeof(uint) != 0 || notifyPlace.Offset % sizeof(ushort) != 0 || configuration?.Offset % sizeof(uint) > 0)
        {
            return null;
        }

        var status = function.InterruptCount == 0 && function.PinLine >= 0 ? VirtioPciCapability.Find(function, VirtioPciCapability.InterruptStatus) : null;
        if (function.InterruptCount == 0 && status is null)
        {
            return null;
        }

        function.EnableMemory();
        if (!commonPlace.TryAcquire(function, out var commonRegisters))
        {
            return null;
        }

        IoMem? configurationRegisters = null;
        IoMem? statusRegisters = null;
        if (!notifyPlace.TryAcquire(function, out var notifyRegisters)
            || (configuration is { } place && !place.TryAcquire(function, out configurationRegisters))
            || (status is { } statusPlace && !statusPlace.TryAcquire(function, out statusRegisters)))
        {
            configurationRegisters?.Dispose();
            notifyRegisters?.Dispose();
            commonRegisters.Dispose();
            return null;
        }

        var pin = statusRegisters is null ? null : new Pin(lines, statusRegisters.Register<byte>(0));
        return new VirtioPciTransport(function, deviceId, commonRegisters, notifyRegisters, notifyPlace.NotifyMultiplier, configurationRegisters, pin);
    }

    /// <inheritdoc/>
    public uint ReadConfiguration(int offset, int size) => DeviceConfiguration.Read(_configuration!, offset, size);

    /// <inheritdoc/>
    public ulong ReadDeviceFeatures() => _common.DeviceFeatures.Read();

    /// <inheritdoc/>
    public void WriteDriverFeatures(ulong features) => _common.DriverFeatures.Write(features);

    /// <inheritdoc/>
    public Errno ConnectInterrupts(VirtioDevice device)
    {
        // One interrupt for the configuration and one for each queue, as far as the device has them; the last one is shared by all further queues.
        int queueCount = _common.QueueCount.Read();
        _notifications = new IoRegister<ushort>?[queueCount];
        if (_pin is not null)
        {
            return ConnectPin(device, _pin);
        }

        _vectors = new Vector[Math.Min(_function.InterruptCount, queueCount + 1)];
        for (var i = 0; i < _vectors.Length; i++)
        {
            if (!_function.TryAcquireInterrupt(i, out var line))
            {
                return Errno.ENOSPC;
            }

            _vectors[i] = new Vector(device, line);
        }

        _vectors[0].TellsConfiguration = true;
        _vectors[0].Enable();
        _function.SetBusMaster(true);
        _common.ConfigurationVector.Write(0);
        return _common.ConfigurationVector.Read() == NoVector ? Errno.EIO : Errno.Success;
    }

    /// <inheritdoc/>
    [InterruptSafe]
    public bool HandleInterrupt()
    {
        // Reading takes the line down (section 4.1.4.5), and comes before the look at the queues, so that what comes meanwhile raises it anew.
        return _pin!.Causes.Tell(_pin.Status.Read());
    }

    /// <inheritdoc/>
    public int GetMaxQueueSize(int index)
    {
        if ((uint)index >= (uint)_notifications.Length)
        {
            return 0;
        }

        _common.QueueSelect.Write((ushort)index);
        return _common.QueueSize.Read();
    }

    /// <inheritdoc/>
    public Errno EnableQueue(Virtqueue queue)
    {
        _common.QueueSelect.Write((ushort)queue.Index);
        var offset = (ulong)_common.QueueNotifyOffset.Read() * _notifyMultiplier;
        if (offset > (ulong)(_notify.Length - sizeof(ushort)) || (offset & 1) != 0)
        {
            return Errno.EPROTO;
        }

        _notifications[queue.Index] = _notify.Register<ushort>((int)offset);
        _common.QueueSize.Write((ushort)queue.Size);
        _common.QueueDescriptors.Write(queue.DescriptorAddress);
        _common.QueueAvailable.Write(queue.AvailableAddress);
        _common.QueueUsed.Write(queue.UsedAddress);
        if (_pin is not null)
        {
            _pin.Causes.Add(queue);
            _common.QueueEnable.Write(1);
            return Errno.Success;
        }

        var vector = Math.Min(queue.Index + 1, _vectors.Length - 1);
        _vectors[vector].Add(queue);
        _vectors[vector].Enable();
        _common.QueueVector.Write((ushort)vector);
        if (_common.QueueVector.Read() == NoVector)
        {
            return Errno.EIO;
        }

        _common.QueueEnable.Write(1);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public void Isolate() => _function.SetBusMaster(false);

    /// <inheritdoc/>
    public void Notify(int index) => _notifications[index]!.Write((ushort)index);

    private Errno ConnectPin(VirtioDevice device, Pin pin)
    {
        pin.Causes.Connect(device);
        var error = VirtioLine.Connect(pin.Lines, _function.PinLine, this, () => _function.TryAcquirePinLine(out var line) ? line : null);
        if (error == Errno.Success)
        {
            _function.EnablePin();
            _function.SetBusMaster(true);
        }

        return error;
    }

    /// <summary>The function's pin: the lines to look for its own in, the register that says why it is up, and who is told.</summary>
    private sealed record Pin(List<VirtioLine> Lines, IoRegister<byte> Status)
    {
        public VirtioCauses Causes { get; } = new();
    }

    /// <summary>An interrupt, and what it can mean.</summary>
    private sealed class Vector
    {
        private readonly VirtioCauses _causes = new();
        private readonly IrqLine _line;

        public Vector(VirtioDevice device, IrqLine line)
        {
            _causes.Connect(device);
            _line = line;
        }

        public bool TellsConfiguration { get; set; }

        public void Add(Virtqueue queue) => _causes.Add(queue);

        public void Enable() => _line.Enable(static state => ((Vector)state!).Handle(), this);

        [InterruptSafe]
        private void Handle() => _causes.Tell(TellsConfiguration ? VirtioCauses.UsedBuffer | VirtioCauses.Configuration : VirtioCauses.UsedBuffer);
    }
}
