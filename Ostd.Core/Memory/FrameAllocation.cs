// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Logging;

namespace Ostd.Memory;

/// <summary>Where the policy for physical memory is put in.</summary>
public static class FrameAllocation
{
    /// <summary>The most pages that are allocated at once: 1 GiB of 4 KiB pages.</summary>
    public static int MaxPageCount => 1 << FrameAllocator.MaxOrder;

    /// <summary>One past the highest page number there is: how many pages a policy's tables have to describe.</summary>
    public static long PageNumberLimit => FrameTable.Count;

    /// <summary>
    /// Installs the policy in the place of the one before (at first, OSTD's own buddy allocator); all memory that is free goes over to it. Interrupts of this CPU are off meanwhile, for some instructions a page.
    /// </summary>
    public static void Install(FrameAllocatorPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        FrameAllocator.Install(policy);
        Log.Info("physical memory: an injected policy chooses the frames");
    }
}
