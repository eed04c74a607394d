// SPDX-License-Identifier: MPL-2.0

using Kernel.Abstractions.Devices;

namespace Kernel.Abstractions.Composition;

/// <summary>One <c>[VirtioDriver]</c> of the image. The transports ask for <c>VirtioDriverEntry[]</c>.</summary>
public readonly struct VirtioDriverEntry(int deviceId, IVirtioDriver driver)
{
    /// <summary>The device type, VIRTIO 1.2 chapter 5.</summary>
    public int DeviceId { get; } = deviceId;

    /// <summary>The component.</summary>
    public IVirtioDriver Driver { get; } = driver;
}
