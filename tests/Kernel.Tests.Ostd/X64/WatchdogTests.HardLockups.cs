// SPDX-License-Identifier: MPL-2.0
using Ostd.Cpus;
using Ostd.Diagnostics;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Ostd;

/// <summary>Hard lockups are noticed by interrupts that cannot be masked, which not every architecture has.</summary>
public static partial class WatchdogTests
{
    [KernelTest]
    public static void HardLockupIsReported()
    {
        var before = Watchdog.HardLockupCount;
        var threshold = Watchdog.ThresholdSeconds;
        Watchdog.ThresholdSeconds = 1;
        var isExpected = Cpu.Count > 1; // one CPU alone has nobody to ask it
        var end = Clock.MonotonicNs + (isExpected ? LimitNs : 3_000_000_000);
        using (InterruptGuard.Disable())
        {
            while (Watchdog.HardLockupCount == before && Clock.MonotonicNs < end)
            {
            }
        }

        Watchdog.ThresholdSeconds = threshold;
        Check.Equal(isExpected ? before + 1 : before, Watchdog.HardLockupCount, "hard lockups");
    }
}
