// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Ostd.Sync;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Tests.Oops;

/// <summary>/proc/asterion/test/panic: a program that writes the name of a bug that no kernel survives ends the machine.</summary>
[PseudoFile("/proc/asterion/test/panic", Mode = 0x1b6, Stage = InitStage.Late)]
public sealed class PanicTrigger : NamedActions
{
    private readonly SpinLock _spin = new();
    private readonly Mutex _mutex = new();
    private readonly WaitQueue _queue = new();
    private readonly GuardBugs _guards = new();
    private readonly InvalidOperationException _prepared = new("thrown in an interrupt handler");
    private object? _allocated;

    /// <summary>Names the bugs.</summary>
    public PanicTrigger() => Actions = new Dictionary<string, Action>
    {
        ["sleep-under-spinning-lock"] = SleepUnderSpinningLock,
        ["spinning-lock-twice"] = TakeSpinningLockTwice,
        ["mutex-twice"] = TakeMutexTwice,
        ["mutex-in-interrupt"] = () => KeyboardInterrupt.Run(() => _mutex.Acquire().Dispose()),
        ["allocation-in-interrupt"] = () => KeyboardInterrupt.Run(() => _allocated = new byte[100]),
        ["throw-in-interrupt"] = () => KeyboardInterrupt.Run(ThrowPrepared),
        ["null-in-interrupt"] = () => KeyboardInterrupt.Run(static () => FaultBugs.ReadNull()),
        ["divide-in-interrupt"] = () => KeyboardInterrupt.Run(static () => FaultBugs.Divide(1, 0)),
        ["register-in-interrupt"] = FaultBugs.ReadRegisterInInterrupt,
        ["stack-in-interrupt"] = () => KeyboardInterrupt.Run(static () => Recurse(0)),
        ["guard-not-disposed"] = LeaveAtomicMode,
        ["soft-lockup"] = SpinWithoutPreemption,
        ["hard-lockup"] = SpinWithoutInterrupts,
        ["hung-task"] = WaitForNothing,
        ["native-double-free"] = FreeTwice,
        ["native-free-inside"] = FreeInside,
        ["policy-running-task"] = static () => HostileScheduler.Provoke(PolicyLie.RunningTask),
        ["policy-dead-task"] = static () => HostileScheduler.Provoke(PolicyLie.DeadTask),
        ["policy-sleeping-task"] = static () => HostileScheduler.Provoke(PolicyLie.SleepingTask),
        ["policy-unstarted-task"] = static () => HostileScheduler.Provoke(PolicyLie.UnstartedTask),
        ["policy-task-twice"] = static () => HostileScheduler.Provoke(PolicyLie.Twice),
        ["policy-other-cpu"] = static () => HostileScheduler.Provoke(PolicyLie.OtherCpu),
        ["policy-null"] = static () => HostileScheduler.Provoke(PolicyLie.Nothing),
        ["policy-throws"] = static () => HostileScheduler.Provoke(PolicyLie.Throws),
        ["policy-no-such-cpu"] = static () => HostileScheduler.Provoke(PolicyLie.NoSuchCpu),
        ["policy-page-twice"] = static () => HostileFrameAllocator.Provoke(FrameLie.Twice),
        ["policy-page-out-of-range"] = static () => HostileFrameAllocator.Provoke(FrameLie.OutOfRange),
        ["policy-page-wraps"] = static () => HostileFrameAllocator.Provoke(FrameLie.Wraps),
        ["policy-page-in-use"] = static () => HostileFrameAllocator.Provoke(FrameLie.InUse),
        ["policy-page-reserved"] = static () => HostileFrameAllocator.Provoke(FrameLie.Reserved),
        ["policy-run-over-used"] = static () => HostileFrameAllocator.Provoke(FrameLie.RunOverUsed),
        ["policy-run-out-of-range"] = static () => HostileFrameAllocator.Provoke(FrameLie.RunOutOfRange),
        ["policy-run-unaligned"] = static () => HostileFrameAllocator.Provoke(FrameLie.Unaligned),
        ["policy-frame-throws"] = static () => HostileFrameAllocator.Provoke(FrameLie.Throws),
        ["policy-frame-throws-on-free"] = static () => HostileFrameAllocator.Provoke(FrameLie.ThrowsOnFree),
        ["policy-run-throws"] = static () => HostileFrameAllocator.Provoke(FrameLie.RunThrows),
        ["policy-frame-allocates"] = static () => HostileFrameAllocator.Provoke(FrameLie.Allocates),
        ["policy-frame-allocates-for-heap"] = static () => HostileFrameAllocator.Provoke(FrameLie.AllocatesForTheHeap),
        ["policy-frame-collects"] = static () => HostileFrameAllocator.Provoke(FrameLie.Collects),
        ["policy-frame-reenters"] = static () => HostileFrameAllocator.Provoke(FrameLie.Reenters),
        ["policy-frame-releases"] = static () => HostileFrameAllocator.Provoke(FrameLie.ReleasesFrame),
        ["policy-frame-sleeps"] = static () => HostileFrameAllocator.Provoke(FrameLie.Sleeps),
        ["policy-heap-throws"] = HostileHeapPolicy.Provoke,
        ["spin-guard-copied"] = _guards.ReleaseSpinningLockTwice,
        ["spin-guard-of-another-cpu"] = _guards.ReleaseSpinningLockOfAnotherCpu,
        ["mutex-guard-copied"] = _guards.ReleaseMutexTwice,
        ["rw-mutex-guard-copied"] = _guards.ReleaseReaderTwice,
        ["rw-mutex-upgradeable-guard-copied"] = _guards.ReleaseUpgradeableTwice,
        ["rw-lock-read-guard-copied"] = _guards.ReleaseSpinningReaderTwice,
        ["rw-lock-write-guard-copied"] = _guards.ReleaseSpinningWriterTwice,
        ["rw-lock-upgraded-twice"] = _guards.UpgradeSpinningReaderTwice,
        ["rw-lock-twice"] = _guards.WriteUnderSpinningReader,
        ["rcu-wait-in-section"] = GuardBugs.WaitForOwnSection,
        ["preempt-guard-copied"] = GuardBugs.EnablePreemptionTwice,
    };

    /// <inheritdoc/>
    protected override Dictionary<string, Action> Actions { get; }

    /// <summary>The machine lives.</summary>
    protected override Errno Outcome => _allocated is null ? Errno.EIO : Errno.ENODEV;

    private void SleepUnderSpinningLock()
    {
        using var guard = _spin.Acquire();
        _queue.WaitUntil(0, static _ => false, 0);
    }

    private void TakeSpinningLockTwice()
    {
        using var outer = _spin.Acquire();
        using var inner = _spin.Acquire();
    }

    private void TakeMutexTwice()
    {
        using var outer = _mutex.Acquire();
        using var inner = _mutex.Acquire();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowPrepared() => throw _prepared;

#pragma warning disable RS0030 // What CoreLib itself allocates comes by these calls; no client of OSTD's may make them, and this test plays CoreLib.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeTwice()
    {
        var memory = Marshal.AllocHGlobal(100);
        Marshal.FreeHGlobal(memory);
        Marshal.FreeHGlobal(memory);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FreeInside() => Marshal.FreeHGlobal(Marshal.AllocHGlobal(100) + 16);
#pragma warning restore RS0030

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SpinWithoutPreemption()
    {
        using var guard = PreemptGuard.Disable();
        Spin();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SpinWithoutInterrupts()
    {
        using var guard = InterruptGuard.Disable();
        Spin();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void WaitForNothing() => _queue.Wait(0, static _ => false);

    // Longer than any threshold that the tests set.
    private static void Spin()
    {
        var end = Clock.MonotonicNs + 60_000_000_000;
        while (Clock.MonotonicNs < end)
        {
        }
    }

    private static void LeaveAtomicMode()
    {
        _ = PreemptGuard.Disable();
        throw new InvalidOperationException("a guard was not disposed");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Recurse(int depth) => Recurse(depth + 1) + depth;
}
