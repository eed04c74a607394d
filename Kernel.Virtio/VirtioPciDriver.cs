// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Devices;
using Ostd.Devices.Pci;
using Ostd.Logging;

namespace Kernel.Virtio;

/// <summary>Finds virtio devices on PCI (VIRTIO 1.2, section 4.1) and offers them to the drivers of their type.</summary>
[PciDriver(Vendor = VendorId, Stage = InitStage.Late)]
public sealed class VirtioPciDriver(VirtioDriverEntry[] drivers) : IPciDriver
{
    // Section 4.1.2: transitional devices have their type in the subsystem id, the others in the device id.
    private const int VendorId = 0x1af4;
    private const int FirstTransitional = 0x1000;
    private const int FirstModern = 0x1040;
    private const int EndModern = 0x1080;

    // Functions are attached one after the other.
    private readonly List<VirtioLine> _lines = [];

    /// <inheritdoc/>
    public Errno Attach(PciFunction function)
    {
        int id = function.DeviceId;
        if (id is < FirstTransitional or >= EndModern)
        {
            return Errno.ENODEV;
        }

        var deviceId = id >= FirstModern ? id - FirstModern : function.SubsystemId;
        foreach (var entry in drivers)
        {
            if (entry.DeviceId == deviceId)
            {
                var transport = VirtioPciTransport.TryOpen(function, deviceId, _lines);
                if (transport is null)
                {
                    Log.Warn("virtio-pci " + function.Address + ": its registers cannot be used");
                    return Errno.EIO;
                }

                return new VirtioDevice(transport).Attach(entry.Driver);
            }
        }

        return Errno.ENODEV;
    }
}
