// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using FsCheck.Xunit;
using Kernel.Process.Tree;
using Xunit;

namespace Kernel.Process.Tests;

public class PidAllocatorTests
{
    [Fact]
    public void Allocate_Fresh_CountsUpFromOne()
    {
        var pids = new PidAllocator();
        Assert.True(pids.TryAllocate(out var first));
        Assert.True(pids.TryAllocate(out var second));
        Assert.Equal((1, 2), (first, second));
        Assert.Equal(2, pids.Last);
    }

    [Fact]
    public void Allocate_AfterFree_DoesNotReuseAtOnce()
    {
        var pids = new PidAllocator();
        Assert.True(pids.TryAllocate(out var first));
        pids.Free(first);
        Assert.True(pids.TryAllocate(out var second));
        Assert.NotEqual(first, second);
    }

    [Fact]
    public void Allocate_AtTheEnd_WrapsAboveTheReservedOnes()
    {
        var pids = new PidAllocator();
        for (var i = 1; i < PidAllocator.Limit; i++)
        {
            Assert.True(pids.TryAllocate(out var pid));
            Assert.Equal(i, pid);
        }

        Assert.False(pids.TryAllocate(out _));
        pids.Free(5);
        Assert.False(pids.TryAllocate(out _));
        pids.Free(400);
        Assert.True(pids.TryAllocate(out var reused));
        Assert.Equal(400, reused);
    }

    [Fact]
    public void Free_Twice_Throws()
    {
        var pids = new PidAllocator();
        Assert.True(pids.TryAllocate(out var pid));
        pids.Free(pid);
        Assert.Throws<InvalidOperationException>(() => pids.Free(pid));
    }

    [Property(MaxTest = 50)]
    public void AllocateAndFree_AnyOrder_NeverHandsOutAPidTwice(byte[] choices)
    {
        var pids = new PidAllocator();
        var held = new List<int>();
        foreach (var choice in choices)
        {
            if (choice % 3 == 0 && held.Count != 0)
            {
                var index = choice % held.Count;
                pids.Free(held[index]);
                held.RemoveAt(index);
            }
            else
            {
                Assert.True(pids.TryAllocate(out var pid));
                Assert.DoesNotContain(pid, held);
                held.Add(pid);
            }
        }

        Assert.Equal(held.Count, pids.Count);
    }
}
