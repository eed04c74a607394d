// SPDX-License-Identifier: MPL-2.0
using Ostd.Devices.Pci;

namespace Kernel.Abstractions.Devices;

/// <summary>Drives PCI functions; implementers carry <c>[PciDriver(Vendor = 0x1af4)]</c>, which says which ones.</summary>
public interface IPciDriver
{
    /// <summary>Takes a function into service, in task context. A function that is refused is offered to the next driver that matches.</summary>
    /// <returns><see cref="Errno.Success"/>; ENODEV when it is not one of the driver's; another error when it does not work.</returns>
    Errno Attach(PciFunction function);
}
