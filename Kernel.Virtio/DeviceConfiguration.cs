// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices;

namespace Kernel.Virtio;

/// <summary>The configuration of a device's type (VIRTIO 1.2, section 2.5). It is read so rarely that no register of it is kept.</summary>
internal static class DeviceConfiguration
{
    /// <summary>Reads a field.</summary>
    /// <param name="registers">What the configuration is in.</param>
    /// <param name="offset">Where the field begins there.</param>
    /// <param name="size">Its bytes: 1, 2 or 4.</param>
    public static uint Read(IoMem registers, int offset, int size) => size switch
    {
        1 => registers.Register<byte>(offset).Read(),
        2 => registers.Register<ushort>(offset).Read(),
        _ => registers.Register<uint>(offset).Read(),
    };
}
