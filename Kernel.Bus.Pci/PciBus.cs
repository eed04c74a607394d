// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Devices;
using Ostd.Devices.Pci;
using Ostd.Logging;

namespace Kernel.Bus.Pci;

/// <summary>Walks the PCI buses from bus 0 down and offers each function to the drivers that declared that they match.</summary>
[Component(Stage = InitStage.Late)]
public sealed class PciBus(PciDriverEntry[] drivers) : IInitializable
{
    private const int BridgeHeader = 1;

    // PCI-to-PCI Bridge Architecture Specification 1.2, section 3.2.5.4.
    private const int SecondaryBus = 0x19;

    // Buses already walked: bridges that lead in a circle are followed once.
    private readonly bool[] _isWalked = new bool[256];

    /// <inheritdoc/>
    public void Initialize() => Walk(0);

    private void Walk(byte bus)
    {
        if (_isWalked[bus])
        {
            return;
        }

        _isWalked[bus] = true;
        for (byte device = 0; device < PciAddress.DevicesPerBus; device++)
        {
            // A device without function 0 is not there (PCI Local Bus Specification 3.0, section 3.2.2.3.4).
            if (PciFunction.TryAcquire(new PciAddress(bus, device, 0), out var first))
            {
                Take(first);
                for (byte function = 1; function < PciAddress.FunctionsPerDevice && first.IsMultiFunction; function++)
                {
                    if (PciFunction.TryAcquire(new PciAddress(bus, device, function), out var other))
                    {
                        Take(other);
                    }
                }
            }
        }
    }

    private void Take(PciFunction function)
    {
        if (function.HeaderType == BridgeHeader)
        {
            Walk(function.ReadConfigurationByte(SecondaryBus));
            return;
        }

        foreach (var entry in drivers)
        {
            if (entry.Matches(function.VendorId, function.DeviceId, function.ClassCode))
            {
                var error = entry.Driver.Attach(function);
                if (error == Errno.Success)
                {
                    return;
                }

                if (error != Errno.ENODEV)
                {
                    Log.Warn("pci " + function.Address + ": not usable, error " + (int)error);
                }
            }
        }

        // Nobody drives it: another part of the kernel may take it later.
        function.Dispose();
    }
}
