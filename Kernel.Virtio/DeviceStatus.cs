// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Virtio;

/// <summary>Bits of the device status field (VIRTIO 1.2, section 2.1).</summary>
[Flags]
internal enum DeviceStatus : byte
{
    /// <summary>What a reset leaves.</summary>
    Reset = 0,

    /// <summary>The device was seen.</summary>
    Acknowledge = 1,

    /// <summary>There is a driver for it.</summary>
    Driver = 2,

    /// <summary>The driver is ready.</summary>
    DriverOk = 4,

    /// <summary>Both agree on the features.</summary>
    FeaturesOk = 8,

    /// <summary>The device says that it cannot go on.</summary>
    NeedsReset = 64,

    /// <summary>The driver gave up.</summary>
    Failed = 128,
}
