// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices.Pci;
using Ostd.Testing;

namespace Kernel.Tests.Iommu;

/// <summary>PCI functions that the machine of these tests has.</summary>
internal static class TestFunctions
{
    /// <summary>Takes the first function of one of these kinds on bus 0.</summary>
    public static PciFunction Take(ushort vendor, params ushort[] devices)
    {
        for (byte device = 0; device < PciAddress.DevicesPerBus; device++)
        {
            if (PciFunction.TryAcquire(new PciAddress(0, device, 0), out var function))
            {
                if (function.VendorId == vendor && System.Array.IndexOf(devices, function.DeviceId) >= 0)
                {
                    return function;
                }

                function.Dispose();
            }
        }

        throw new KernelTestException("the machine does not have the device: it needs -device edu and -device virtio-rng-pci");
    }
}
