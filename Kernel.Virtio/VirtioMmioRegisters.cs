// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>The registers of a virtio device that is on no bus (VIRTIO 1.2, section 4.2.2).</summary>
/// <param name="registers">At least <see cref="Length"/> bytes.</param>
internal sealed class VirtioMmioRegisters(IoMem registers)
{
    /// <summary>Bytes that they take; the configuration of the device's type follows.</summary>
    public const int Length = 0x100;

    /// <summary>Says that it is a virtio device.</summary>
    public IoRegister<uint> Magic { get; } = registers.Register<uint>(0x000);

    /// <summary>Which layout the registers have.</summary>
    public IoRegister<uint> Version { get; } = registers.Register<uint>(0x004);

    /// <summary>The device's type.</summary>
    public IoRegister<uint> DeviceId { get; } = registers.Register<uint>(0x008);

    /// <summary>Features that the device offers.</summary>
    public FeatureRegister DeviceFeatures { get; } = new(registers, selectOffset: 0x014, bitsOffset: 0x010);

    /// <summary>Features that the driver accepts.</summary>
    public FeatureRegister DriverFeatures { get; } = new(registers, selectOffset: 0x024, bitsOffset: 0x020);

    /// <summary>The queue that the registers of queues are about.</summary>
    public IoRegister<uint> QueueSelect { get; } = registers.Register<uint>(0x030);

    /// <summary>The most entries that it can have.</summary>
    public IoRegister<uint> QueueSizeMax { get; } = registers.Register<uint>(0x034);

    /// <summary>Its entries.</summary>
    public IoRegister<uint> QueueSize { get; } = registers.Register<uint>(0x038);

    /// <summary>Whether it is in service.</summary>
    public IoRegister<uint> QueueReady { get; } = registers.Register<uint>(0x044);

    /// <summary>Takes the number of a queue with something in it.</summary>
    public IoRegister<uint> QueueNotify { get; } = registers.Register<uint>(0x050);

    /// <summary>Why the device has raised its line.</summary>
    public IoRegister<uint> InterruptStatus { get; } = registers.Register<uint>(0x060);

    /// <summary>Takes what was seen of that.</summary>
    public IoRegister<uint> InterruptAcknowledge { get; } = registers.Register<uint>(0x064);

    /// <summary>Device status.</summary>
    public IoRegister<uint> Status { get; } = registers.Register<uint>(0x070);

    /// <summary>Where the queue's descriptors are.</summary>
    public HalvedRegister QueueDescriptors { get; } = new(registers, 0x080);

    /// <summary>Where its available ring is.</summary>
    public HalvedRegister QueueAvailable { get; } = new(registers, 0x090);

    /// <summary>Where its used ring is.</summary>
    public HalvedRegister QueueUsed { get; } = new(registers, 0x0a0);

    /// <summary>Counts the changes of the configuration.</summary>
    public IoRegister<uint> Generation { get; } = registers.Register<uint>(0x0fc);
}
