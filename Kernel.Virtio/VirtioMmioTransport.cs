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
    /// <summary>Bytes of the registers before the configuration.</summary>
    public const int MinLength = ConfigurationStart;

    // Section 4.2.2.
    private const int MagicValue = 0x000;
    private const int Version = 0x004;
    private const int DeviceIdRegister = 0x008;
    private const int DeviceFeatures = 0x010;
    private const int DeviceFeaturesSelect = 0x014;
    private const int DriverFeatures = 0x020;
    private const int DriverFeaturesSelect = 0x024;
    private const int QueueSelect = 0x030;
    private const int QueueSizeMax = 0x034;
    private const int QueueSize = 0x038;
    private const int QueueReady = 0x044;
    private const int QueueNotify = 0x050;
    private const int InterruptStatus = 0x060;
    private const int InterruptAcknowledge = 0x064;
    private const int StatusRegister = 0x070;
    private const int QueueDescriptors = 0x080;
    private const int QueueAvailable = 0x090;
    private const int QueueUsed = 0x0a0;
    private const int Generation = 0x0fc;
    private const int ConfigurationStart = 0x100;

    private const uint Magic = 0x7472_6976; // "virt"
    private const uint LegacyVersion = 1;
    private const uint ModernVersion = 2;

    private readonly IoMem _registers;

    // What each request and each interrupt touches.
    private readonly IoRegister<uint> _queueNotify;
    private readonly IoRegister<uint> _interruptStatus;
    private readonly IoRegister<uint> _interruptAcknowledge;
    private readonly Func<VirtioMmioTransport, Errno> _connect;
    private readonly VirtioCauses _causes = new();

    private VirtioMmioTransport(IoMem registers, string name, Func<VirtioMmioTransport, Errno> connect)
    {
        _registers = registers;
        _queueNotify = registers.Register<uint>(QueueNotify);
        _interruptStatus = registers.Register<uint>(InterruptStatus);
        _interruptAcknowledge = registers.Register<uint>(InterruptAcknowledge);
        _connect = connect;
        Name = name;
        DeviceId = (int)registers.ReadUInt32(DeviceIdRegister);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    /// <remarks>Never: remapping units look after PCI's functions. What the command line names is trusted with all memory, as on a machine without an IOMMU.</remarks>
    public bool IsBehindIommu => false;

    /// <summary>The device type; 0 where there is a place for a device and none in it.</summary>
    public int DeviceId { get; }

    /// <inheritdoc/>
    public int ConfigurationLength => _registers.Length - ConfigurationStart;

    /// <inheritdoc/>
    public byte ConfigurationGeneration => (byte)_registers.ReadUInt32(Generation);

    /// <inheritdoc/>
    public DeviceStatus Status
    {
        get => (DeviceStatus)_registers.ReadUInt32(StatusRegister);
        set => _registers.WriteUInt32(StatusRegister, (byte)value);
    }

    /// <summary>Looks at registers.</summary>
    /// <param name="registers">At least <see cref="MinLength"/> bytes.</param>
    /// <param name="name">For the log.</param>
    /// <param name="connect">Begins to pass the device's interrupt on. Called at most once.</param>
    /// <param name="transport">The transport.</param>
    /// <returns>Null, or why they cannot be used.</returns>
    public static string? TryOpen(IoMem registers, string name, Func<VirtioMmioTransport, Errno> connect, out VirtioMmioTransport? transport)
    {
        transport = null;
        if (registers.ReadUInt32(MagicValue) != Magic)
        {
            return "there is no virtio device";
        }

        var version = registers.ReadUInt32(Version);
        if (version != ModernVersion)
        {
            return version == LegacyVersion ? "a legacy device, which is not supported" : "a device of an unknown version";
        }

        transport = new VirtioMmioTransport(registers, name, connect);
        return null;
    }

    /// <inheritdoc/>
    public uint ReadConfiguration(int offset, int size) => size switch
    {
        1 => _registers.ReadByte(ConfigurationStart + offset),
        2 => _registers.ReadUInt16(ConfigurationStart + offset),
        _ => _registers.ReadUInt32(ConfigurationStart + offset),
    };

    /// <inheritdoc/>
    public ulong ReadDeviceFeatures()
    {
        _registers.WriteUInt32(DeviceFeaturesSelect, 0);
        ulong features = _registers.ReadUInt32(DeviceFeatures);
        _registers.WriteUInt32(DeviceFeaturesSelect, 1);
        return features | (ulong)_registers.ReadUInt32(DeviceFeatures) << 32;
    }

    /// <inheritdoc/>
    public void WriteDriverFeatures(ulong features)
    {
        _registers.WriteUInt32(DriverFeaturesSelect, 0);
        _registers.WriteUInt32(DriverFeatures, (uint)features);
        _registers.WriteUInt32(DriverFeaturesSelect, 1);
        _registers.WriteUInt32(DriverFeatures, (uint)(features >> 32));
    }

    /// <inheritdoc/>
    public Errno ConnectInterrupts(VirtioDevice device)
    {
        _causes.Connect(device);
        return _connect(this);
    }

    /// <inheritdoc/>
    public int GetMaxQueueSize(int index)
    {
        _registers.WriteUInt32(QueueSelect, (uint)index);

        // A queue in use already is not this driver's (section 4.2.3.2).
        return _registers.ReadUInt32(QueueReady) != 0 ? 0 : (int)Math.Min(_registers.ReadUInt32(QueueSizeMax), int.MaxValue);
    }

    /// <inheritdoc/>
    public Errno EnableQueue(Virtqueue queue)
    {
        _registers.WriteUInt32(QueueSelect, (uint)queue.Index);
        _registers.WriteUInt32(QueueSize, (uint)queue.Size);
        Write64(QueueDescriptors, queue.DescriptorAddress);
        Write64(QueueAvailable, queue.AvailableAddress);
        Write64(QueueUsed, queue.UsedAddress);
        _causes.Add(queue);
        _registers.WriteUInt32(QueueReady, 1);
        return Errno.Success;
    }

    /// <summary>Nothing stands between such a device and memory.</summary>
    public void Isolate()
    {
    }

    /// <inheritdoc/>
    public void Notify(int index) => _queueNotify.Write((uint)index);

    /// <inheritdoc/>
    [InterruptSafe]
    public bool HandleInterrupt()
    {
        // Acknowledged first and looked at then, so that what comes meanwhile raises the line anew.
        var causes = _interruptStatus.Read() & (VirtioCauses.UsedBuffer | VirtioCauses.Configuration);
        if (causes == 0 || !_causes.IsConnected)
        {
            return false;
        }

        _interruptAcknowledge.Write(causes);
        return _causes.Tell(causes);
    }

    private void Write64(int offset, ulong value)
    {
        _registers.WriteUInt32(offset, (uint)value);
        _registers.WriteUInt32(offset + 4, (uint)(value >> 32));
    }
}
