// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Ostd.Memory;

namespace Kernel.Memory;

/// <summary>Makes address spaces and shared anonymous memory.</summary>
[Component]
public sealed class AddressSpaceFactory : IAddressSpaceFactory, ISharedMemoryFactory
{
    private readonly MemoryServices _services;

    /// <summary>Takes the page of zeros out of memory, once.</summary>
    public AddressSpaceFactory(Late<IVirtualFileSystem?> fileSystem)
    {
        if (!Frame.TryAllocate(out Frame zero))
        {
            throw new InvalidOperationException("No memory at boot.");
        }
        _services = new MemoryServices(zero, this, fileSystem);
    }

    /// <inheritdoc/>
    public Result<IAddressSpace> Create() => AddressSpace.Create(_services);

    /// <inheritdoc/>
    public Result<IMemoryObject> Create(long lengthBytes)
    {
        // What could never be backed is refused, as for private memory.
        if (lengthBytes >> Paging.PageShift > PhysicalMemory.TotalPages)
        {
            return Errno.ENOMEM;
        }
        return new SharedMemory(lengthBytes);
    }
}
