// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that drives virtio devices of one type.</summary>
/// <param name="deviceId">The device type, VIRTIO 1.2 chapter 5 (1 network, 2 block, 3 console, 4 entropy, ...).</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class VirtioDriverAttribute(int deviceId) : ComponentAttribute
{
    /// <summary>The device type, VIRTIO 1.2 chapter 5.</summary>
    public int DeviceId { get; } = deviceId;
}
