// SPDX-License-Identifier: MPL-2.0
using Ostd.Diagnostics;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Ostd;

/// <summary>Lockups and hung tasks are noticed, with a threshold of a second.</summary>
public static partial class WatchdogTests
{
    private const long LimitNs = 60_000_000_000;

    private sealed class Gate
    {
        public readonly WaitQueue Queue = new();
        public bool IsOpen;
    }

    [KernelTest]
    public static void SoftLockupIsReported()
    {
        var before = Watchdog.SoftLockupCount;
        var threshold = Watchdog.ThresholdSeconds;
        Watchdog.ThresholdSeconds = 1;
        var end = Clock.MonotonicNs + LimitNs;
        using (PreemptGuard.Disable())
        {
            while (Watchdog.SoftLockupCount == before && Clock.MonotonicNs < end)
            {
            }
        }

        Watchdog.ThresholdSeconds = threshold;
        Check.Equal(before + 1, Watchdog.SoftLockupCount, "soft lockups");
    }

    [KernelTest]
    public static void HungTaskIsReportedOnce()
    {
        var before = HungTasks.Count;
        var timeout = HungTasks.TimeoutSeconds;
        var gate = new Gate();
        var workers = new Workers();
        workers.Start("hangs", () => gate.Queue.Wait(gate, static g => g.IsOpen));
        HungTasks.TimeoutSeconds = 1;
        var end = Clock.MonotonicNs + LimitNs;
        while (HungTasks.Count == before && Clock.MonotonicNs < end)
        {
            Task.SleepUntil(Clock.MonotonicNs + 100_000_000);
        }

        // Two more time-outs: the same wait is not reported again.
        Task.SleepUntil(Clock.MonotonicNs + 2_000_000_000);
        var count = HungTasks.Count;
        HungTasks.TimeoutSeconds = timeout;
        gate.IsOpen = true;
        gate.Queue.WakeAll();
        workers.Join();
        Check.Equal(before + 1, count, "hung tasks");
    }
}
