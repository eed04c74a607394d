// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Xunit;

namespace Kernel.Memory.Tests;

/// <summary>An active address space; at the end every frame must have come back.</summary>
public abstract class AddressSpaceFixture : IDisposable
{
    protected const PageProtection ReadWrite = PageProtection.Read | PageProtection.Write;
    protected const MapFlags Anonymous = MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS;
    private readonly long _freeBefore;

    protected AddressSpaceFixture()
    {
        Factory = new AddressSpaceFactory(new Late<IVirtualFileSystem?>(null));
        _freeBefore = PhysicalMemory.FreePages;
        Space = Factory.Create().Value;
        Space.VmSpace.Activate();
    }

    protected static ulong Page => (ulong)Paging.PageSizeBytes;

    protected AddressSpaceFactory Factory { get; }

    protected IAddressSpace Space { get; }

    protected ResourceLimits Limits { get; } = new();

    public void Dispose()
    {
        VmSpace.Deactivate();
        Space.Release();
        OnDisposed();
        Assert.Equal(_freeBefore, PhysicalMemory.FreePages);
        GC.SuppressFinalize(this);
    }

    protected virtual void OnDisposed()
    {
    }

    protected ulong Map(ulong pages, PageProtection protection = ReadWrite, MapFlags flags = Anonymous, ulong address = 0) =>
        Ok(Space.Map(address, pages * Page, protection, flags, null, null, 0, Limits));

    protected static T Ok<T>(Result<T> result)
    {
        Assert.Equal(Errno.Success, result.Error);
        return result.Value;
    }

    protected static void Write(ulong address, ulong value) => Assert.True(UserMemory.TryWrite(address, value));

    protected static ulong Read(ulong address)
    {
        Assert.True(UserMemory.TryRead(address, out ulong value));
        return value;
    }

    protected static bool CanRead(ulong address) => UserMemory.TryRead<byte>(address, out _);

    protected static bool CanWrite(ulong address) => UserMemory.TryRead(address, out byte value) && UserMemory.TryWrite(address, value);
}
