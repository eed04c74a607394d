// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Tests.Oops;

/// <summary>A policy of the heap of objects that throws when it is asked.</summary>
internal sealed class HostileHeapPolicy : IHeapPolicy
{
    private byte[]? _last;

    /// <summary>Installs it, and allocates until a collection has to come.</summary>
    public static void Provoke()
    {
        var policy = new HostileHeapPolicy();
        CollectedHeap.InstallPolicy(policy);
        for (var i = 0; i < 256; i++)
        {
            for (var j = 0; j < 256; j++)
                policy._last = new byte[4096];

            Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
        }
    }

    /// <inheritdoc/>
    public HeapPlan Plan(HeapFigures figures) => throw new InvalidOperationException("a policy's mistake, after " + _last?.Length);
}
