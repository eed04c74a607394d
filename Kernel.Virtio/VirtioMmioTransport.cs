// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Ostd;
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>
/// The registers of a virtio device that is on no bus (VIRTIO 1.2, section 4.2), and its one interrupt. Who finds such devices, and by what (the command line, a device tree), is another's affair: it gives the registers,
/// and a function that begins to call <see cref="HandleInterrupt"/>.
/// </summary>
internal sealed class VirtioMmioTransport : IVirtioTransport, IVirtioLineUser
{
    private const uint Magic = 0x7472_6976; // "virt"
    private const uint LegacyVersion = 1;
    private const uint ModernVersion = 2;

    private readonly IoMem _memory;
    private readonly VirtioMmioRegisters _registers;
    private readonly Func<VirtioMmioTransport, Errno> _connect;
    private readonly VirtioCauses _causes = new();

    private VirtioMmioTransport(IoMem memory, VirtioMmioRegisters registers, string name, Func<VirtioMmioTransport, Errno> connect)
    {
        _memory = memory;
        _registers = registers;
        _connect = connect;
        Name = name;
        DeviceId = (int)registers.DeviceId.Read();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    /// <remarks>Never: remapping units look after PCI's functions. What the command line names is trusted with all memory, as on a machine without an IOMMU.</remarks>
    public bool IsBehindIommu => false;

    /// <summary>The device type; 0 where there is a place for a device and none in it.</summary>
    public int DeviceId { get; }

    /// <inheritdoc/>
    public int ConfigurationLength => _memory.Length - VirtioMmioRegisters.Length;

    /// <inheritdoc/>
    public byte ConfigurationGeneration => (byte)_registers.Generation.Read();

    /// <inheritdoc/>
    public DeviceStatus Status
    {
        get => (DeviceStatus)_registers.Status.Read();
        set => _registers.Status.Write((byte)value);
    }

    /// <summary>Looks at registers.</summary>
    /// <param name="memory">What they are in; it begins at a multiple of four.</param>
    /// <param name="name">For the log.</param>
    /// <param name="connect">Begins to pass the device's interrupt on. Called at most once.</param>
    /// <param name="transport">The transport.</param>
    /// <returns>Null, or why they cannot be used.</returns>
    public static string? TryOpen(IoMem memory, string name, Func<VirtioMmioTransport, Errno> connect, out VirtioMmioTransport? transport)
    {
        transport = null;
        if (memory.Length < VirtioMmioRegisters.Length)
        {
            return "there are too few registers";
        }

        var registers = new VirtioMmioRegisters(memory);
        if (registers.Magic.Read() != Magic)
        {
            return "there is no virtio device";
        }

        var version = registers.Version.Read();
        if (version != ModernVersion)
        {
            return version == LegacyVersion ? "a legacy device, which is not supported" : "a device of an unknown version";
        }

        transport = new VirtioMmioTransport(memory, registers, name, connect);
        return null;
    }

    /// <inheritdoc/>
    public uint ReadConfiguration(int offset, int size) => DeviceConfiguration.Read(_memory, VirtioMmioRegisters.Length + offset, size);

    /// <inheritdoc/>
    public ulong ReadDeviceFeatures() => _registers.DeviceFeatures.Read();

    /// <inheritdoc/>
    public void WriteDriverFeatures(ulong features) => _registers.DriverFeatures.Write(features);

    /// <inheritdoc/>
    public Errno ConnectInterrupts(VirtioDevice device)
    {
        _causes.Connect(device);
        return _connect(this);
    }

    /// <inheritdoc/>
    public int GetMaxQueueSize(int index)
    {
        _registers.QueueSelect.Write((uint)index);

        // A queue in use already is not this driver's (section 4.2.3.2).
        return _registers.QueueReady.Read() != 0 ? 0 : (int)Math.Min(_registers.QueueSizeMax.Read(), int.MaxValue);
    }

    /// <inheritdoc/>
    public Errno EnableQueue(Virtqueue queue)
    {
        _registers.QueueSelect.Write((uint)queue.Index);
        _registers.QueueSize.Write((uint)queue.Size);
        _registers.QueueDescriptors.Write(queue.DescriptorAddress);
        _registers.QueueAvailable.Write(queue.AvailableAddress);
        _registers.QueueUsed.Write(queue.UsedAddress);
        _causes.Add(queue);
        _registers.QueueReady.Write(1);
        return Errno.Success;
    }

    /// <summary>Nothing stands between such a device and memory.</summary>
    public void Isolate()
    {
    }

    /// <inheritdoc/>
    public void Notify(int index) => _registers.QueueNotify.Write((uint)index);

    /// <inheritdoc/>
    [InterruptSafe]
    public bool HandleInterrupt()
    {
        // Acknowledged first and looked at then, so that what comes meanwhile raises the line anew.
        var causes = _registers.InterruptStatus.Read() & (VirtioCauses.UsedBuffer | VirtioCauses.Configuration);
        if (causes == 0 || !_causes.IsConnected)
        {
            return false;
        }

        _registers.InterruptAcknowledge.Write(causes);
        return _causes.Tell(causes);
    }
}
