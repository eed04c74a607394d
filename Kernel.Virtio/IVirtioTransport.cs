// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Ostd;

namespace Kernel.Virtio;

/// <summary>The registers of a virtio device, over whatever bus they are reached (VIRTIO 1.2, chapter 4).</summary>
internal interface IVirtioTransport
{
    /// <summary>For the log.</summary>
    string Name { get; }

    /// <summary>The machine has an IOMMU, and the device's accesses are to go through it.</summary>
    bool IsBehindIommu { get; }

    /// <summary>The device type, chapter 5.</summary>
    int DeviceId { get; }

    /// <summary>Bytes of the device's configuration.</summary>
    int ConfigurationLength { get; }

    /// <summary>Counts the changes of the configuration, in its own way.</summary>
    byte ConfigurationGeneration { get; }

    /// <summary>Device status, section 2.1. Writing 0 resets the device.</summary>
    [InterruptSafe]
    DeviceStatus Status { get; set; }

    /// <summary>Reads 1, 2 or 4 bytes of the configuration; the caller has checked the range.</summary>
    uint ReadConfiguration(int offset, int size);

    /// <summary>Features that the device offers.</summary>
    ulong ReadDeviceFeatures();

    /// <summary>Tells the device what was chosen of them.</summary>
    void WriteDriverFeatures(ulong features);

    /// <summary>Makes ready to pass interrupts on to the device.</summary>
    Errno ConnectInterrupts(VirtioDevice device);

    /// <summary>Entries that the device allows for a queue; 0 when there is no such queue.</summary>
    int GetMaxQueueSize(int index);

    /// <summary>Puts a queue into service.</summary>
    Errno EnableQueue(Virtqueue queue);

    /// <summary>Keeps a device that does not acknowledge its reset from memory, as far as the bus can. Task context.</summary>
    void Isolate();

    /// <summary>Tells the device that there is something in a queue.</summary>
    [InterruptSafe]
    void Notify(int index);
}
