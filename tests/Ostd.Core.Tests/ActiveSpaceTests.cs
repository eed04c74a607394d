// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Tests with an address space that is active, and after which every frame is free again.</summary>
public abstract class ActiveSpaceTests : IDisposable
{
    private readonly long _freeBefore = PhysicalMemory.FreePages;

    /// <summary>Makes the space.</summary>
    protected ActiveSpaceTests()
    {
        Assert.True(VmSpace.TryCreate(out VmSpace? space));
        Space = space;
        Space.Activate();
    }

    /// <summary>The active space.</summary>
    protected VmSpace Space { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        VmSpace.Deactivate();
        Space.Dispose();
        Assert.Equal(_freeBefore, PhysicalMemory.FreePages);
        GC.SuppressFinalize(this);
    }
}
