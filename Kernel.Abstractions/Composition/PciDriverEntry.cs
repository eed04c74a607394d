// SPDX-License-Identifier: MPL-2.0

using Kernel.Abstractions.Devices;

namespace Kernel.Abstractions.Composition;

/// <summary>One <c>[PciDriver]</c> of the image. The bus asks for <c>PciDriverEntry[]</c>. A value of -1 matches anything.</summary>
public readonly struct PciDriverEntry(int vendor, int device, int classCode, int classMask, IPciDriver driver)
{
    /// <summary>The component.</summary>
    public IPciDriver Driver { get; } = driver;

    /// <summary>Whether the driver declared that it drives such functions.</summary>
    public bool Matches(int vendorId, int deviceId, int code)
        => (vendor == -1 || vendor == vendorId) && (device == -1 || device == deviceId) && (classCode == -1 || ((classCode ^ code) & classMask) == 0);
}
