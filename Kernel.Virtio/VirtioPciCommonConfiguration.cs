// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>The registers of the common configuration of a virtio device on PCI (VIRTIO 1.2, section 4.1.4.3).</summary>
/// <param name="registers">At least <see cref="Length"/> bytes.</param>
internal sealed class VirtioPciCommonConfiguration(IoMem registers)
{
    /// <summary>Bytes that it takes.</summary>
    public const int Length = 0x38;

    /// <summary>Features that the device offers.</summary>
    public FeatureRegister DeviceFeatures { get; } = new(registers, selectOffset: 0x00, bitsOffset: 0x04);

    /// <summary>Features that the driver accepts.</summary>
    public FeatureRegister DriverFeatures { get; } = new(registers, selectOffset: 0x08, bitsOffset: 0x0c);

    /// <summary>The interrupt for changes of the configuration.</summary>
    public IoRegister<ushort> ConfigurationVector { get; } = registers.Register<ushort>(0x10);

    /// <summary>How many queues there are.</summary>
    public IoRegister<ushort> QueueCount { get; } = registers.Register<ushort>(0x12);

    /// <summary>Device status.</summary>
    public IoRegister<byte> Status { get; } = registers.Register<byte>(0x14);

    /// <summary>Counts the changes of the configuration.</summary>
    public IoRegister<byte> Generation { get; } = registers.Register<byte>(0x15);

    /// <summary>The queue that the registers below are about.</summary>
    public IoRegister<ushort> QueueSelect { get; } = registers.Register<ushort>(0x16);

    /// <summary>Its entries.</summary>
    public IoRegister<ushort> QueueSize { get; } = registers.Register<ushort>(0x18);

    /// <summary>Its interrupt.</summary>
    public IoRegister<ushort> QueueVector { get; } = registers.Register<ushort>(0x1a);

    /// <summary>Whether it is in service.</summary>
    public IoRegister<ushort> QueueEnable { get; } = registers.Register<ushort>(0x1c);

    /// <summary>Where its notifications go.</summary>
    public IoRegister<ushort> QueueNotifyOffset { get; } = registers.Register<ushort>(0x1e);

    /// <summary>Where its descriptors are.</summary>
    public HalvedRegister QueueDescriptors { get; } = new(registers, 0x20);

    /// <summary>Where its available ring is.</summary>
    public HalvedRegister QueueAvailable { get; } = new(registers, 0x28);

    /// <summary>Where its used ring is.</summary>
    public HalvedRegister QueueUsed { get; } = new(registers, 0x30);
}
