// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>
/// Bugs that have to end the machine: each is provoked in a machine of its own, which has to panic with the right words, the registers where a fault was the cause, and a trace that leads to the bug.
/// </summary>
internal sealed class PanicSuite : ITestSuite
{
    private const string Bugs = "/proc/asterion/test/panic";

    // Name, what to do, the reason, a method of the trace, whether there are registers.
    private static readonly (string Name, string Script, string Reason, string Method, bool HasRegisters)[] s_cases =
    [
        ("sleep-under-spinning-lock", $"echo sleep-under-spinning-lock >{Bugs}", "sleeping with preemption off (a spinning lock is held?)", "PanicTrigger__SleepUnderSpinningLock", false),
        ("spinning-lock-twice", $"echo spinning-lock-twice >{Bugs}", "a spinning lock is taken twice on the same CPU", "PanicTrigger__TakeSpinningLockTwice", false),
        ("mutex-twice", $"echo mutex-twice >{Bugs}", "a mutex is acquired twice by the same task", "PanicTrigger__TakeMutexTwice", false),
        ("mutex-in-interrupt", $"echo mutex-in-interrupt >{Bugs}", "sleeping with interrupts off", "KeyboardInterrupt", false),
        ("allocation-in-interrupt", $"echo allocation-in-interrupt >{Bugs}", "an object was allocated where none may be", "KeyboardInterrupt", false),
        ("throw-in-interrupt", $"echo throw-in-interrupt >{Bugs}", "an exception was not handled", "PanicTrigger__ThrowPrepared", false),
        ("null-in-interrupt", $"echo null-in-interrupt >{Bugs}", "null reference in the kernel", "FaultBugs__ReadN", true),
        ("divide-in-interrupt", $"echo divide-in-interrupt >{Bugs}", "division by zero in the kernel", "FaultBugs__Divide", true),
        ("register-in-interrupt", $"echo register-in-interrupt >{Bugs}", "a device's registers are used that were given back", "FaultBugs__ReadRegister", true),
        ("stack-in-interrupt", $"echo stack-in-interrupt >{Bugs}", "kernel stack overflow", "PanicTrigger__Recurse", true),
        ("guard-not-disposed", $"echo guard-not-disposed >{Bugs}", "an exception left atomic mode on: a lock without a guard is held", "ThreadRunner__GiveUp", false),
        ("native-double-free", $"echo native-double-free >{Bugs}", "native memory was freed twice, or by an address inside of it", "PanicTrigger__FreeTwice", false),
        ("native-free-inside", $"echo native-free-inside >{Bugs}", "native memory was freed twice, or by an address inside of it", "PanicTrigger__FreeInside", false),
        ("policy-running-task", $"echo policy-running-task >{Bugs}", "the scheduling policy chose a task that is not in this CPU's queue", "Scheduler__PolicyPickNext", false),
        ("policy-dead-task", $"echo policy-dead-task >{Bugs}", "the scheduling policy chose a task that is not in this CPU's queue", "Scheduler__PolicyPickNext", false),
        ("policy-sleeping-task", $"echo policy-sleeping-task >{Bugs}", "the scheduling policy chose a task that is not in this CPU's queue", "Scheduler__PolicyPickNext", false),
        ("policy-unstarted-task", $"echo policy-unstarted-task >{Bugs}", "the scheduling policy chose a task that is not in this CPU's queue", "Scheduler__PolicyPickNext", false),
        ("policy-task-twice", $"echo policy-task-twice >{Bugs}", "the scheduling policy chose a task that is not in this CPU's queue", "Scheduler__PolicyPickNext", false),
        ("policy-other-cpu", $"echo policy-other-cpu >{Bugs}", "the scheduling policy chose a task that is not in this CPU's queue", "Scheduler__PolicyPickNext", false),
        ("policy-null", $"echo policy-null >{Bugs}", "the scheduling policy lost a task", "Scheduler__PolicyPickNext", false),
        ("policy-throws", $"echo policy-throws >{Bugs}", "the scheduling policy threw an exception", "Scheduler__PolicyPickNext", false),
        ("policy-no-such-cpu", $"echo policy-no-such-cpu >{Bugs}", "the scheduling policy chose a CPU that does not exist", "Scheduler__SelectCpu", false),
        ("policy-page-twice", $"echo policy-page-twice >{Bugs}", "the frame allocation policy chose a page that is not free", "FrameAllocator__PolicyFillCacheLocked", false),
        ("policy-page-out-of-range", $"echo policy-page-out-of-range >{Bugs}", "the frame allocation policy chose a page that does not exist", "FrameAllocator__PolicyFillCacheLocked", false),
        ("policy-page-wraps", $"echo policy-page-wraps >{Bugs}", "the frame allocation policy chose a page that does not exist", "FrameAllocator__PolicyFillCacheLocked", false),
        ("policy-page-in-use", $"echo policy-page-in-use >{Bugs}", "the frame allocation policy chose a page that is not free", "FrameAllocator__PolicyFillCacheLocked", false),
        ("policy-page-reserved", $"echo policy-page-reserved >{Bugs}", "the frame allocation policy chose a page that is not free", "FrameAllocator__PolicyFillCacheLocked", false),
        ("policy-run-over-used", $"echo policy-run-over-used >{Bugs}", "the frame allocation policy chose a page that is not free", "FrameAllocator__AllocateRun", false),
        ("policy-run-out-of-range", $"echo policy-run-out-of-range >{Bugs}", "the frame allocation policy chose a page that does not exist", "FrameAllocator__AllocateRun", false),
        ("policy-run-unaligned", $"echo policy-run-unaligned >{Bugs}", "the frame allocation policy chose a page that is not aligned as was asked", "FrameAllocator__AllocateRun", false),
        ("policy-frame-throws", $"echo policy-frame-throws >{Bugs}", "the frame allocation policy threw an exception", "FrameAllocator__PolicyFillCacheLocked", false),
        ("policy-frame-throws-on-free", $"echo policy-frame-throws-on-free >{Bugs}", "the frame allocation policy threw an exception", "FrameAllocator__PolicyReturnCachedLocked", false),
        ("policy-run-throws", $"echo policy-run-throws >{Bugs}", "the frame allocation policy threw an exception", "FrameAllocator__PolicyTakeLocked", false),
        ("policy-frame-allocates", $"echo policy-frame-allocates >{Bugs}", "an object was allocated where none may be", "HostileFrameAllocator__Allocate", false),
        ("policy-frame-allocates-for-heap", $"echo policy-frame-allocates-for-heap >{Bugs}", "an object was allocated where none may be", "HostileFrameAllocator__Allocate", false),
        ("policy-frame-collects", $"echo policy-frame-collects >{Bugs}", "a policy allocated or collected", "HostileFrameAllocator__Allocate", false),
        ("policy-frame-reenters", $"echo policy-frame-reenters >{Bugs}", "the frame allocation policy allocates or frees frames", "HostileFrameAllocator__Allocate", false),
        ("policy-frame-releases", $"echo policy-frame-releases >{Bugs}", "the frame allocation policy allocates or frees frames", "HostileFrameAllocator__Allocate", false),
        ("policy-frame-sleeps", $"echo policy-frame-sleeps >{Bugs}", "sleeping with interrupts off", "HostileFrameAllocator__Allocate", false),
        ("policy-heap-throws", $"echo policy-heap-throws >{Bugs}", "the heap policy threw an exception", "HeapPlanning__AfterCollection", false),
        ("spin-guard-copied", $"echo spin-guard-copied >{Bugs}", "a spinning lock is released by a CPU that does not hold it", "GuardBugs__ReleaseSpinningLockTwice", false),
        ("spin-guard-of-another-cpu", $"echo spin-guard-of-another-cpu >{Bugs}", "a spinning lock is released by a CPU that does not hold it", "GuardBugs__ReleaseSpinningLockOfAnotherCpu", false),
        ("mutex-guard-copied", $"echo mutex-guard-copied >{Bugs}", "a mutex is released by a task that does not hold it", "GuardBugs__ReleaseMutexTwice", false),
        ("rw-mutex-guard-copied", $"echo rw-mutex-guard-copied >{Bugs}", "a readers-writer mutex is released that is not held", "GuardBugs__ReleaseReaderTwice", false),
        ("rw-mutex-upgradeable-guard-copied", $"echo rw-mutex-upgradeable-guard-copied >{Bugs}", "a readers-writer mutex is released that is not held", "GuardBugs__ReleaseUpgradeableTwice", false),
        ("rw-lock-read-guard-copied", $"echo rw-lock-read-guard-copied >{Bugs}", "a readers-writer lock is released that is not held", "GuardBugs__ReleaseSpinningReaderTwice", false),
        ("rw-lock-write-guard-copied", $"echo rw-lock-write-guard-copied >{Bugs}", "a readers-writer lock is released or changed by a CPU that does not hold it", "GuardBugs__ReleaseSpinningWriterTwice", false),
        ("rw-lock-upgraded-twice", $"echo rw-lock-upgraded-twice >{Bugs}", "a readers-writer lock is released or changed by a CPU that does not hold it", "GuardBugs__UpgradeSpinningReaderTwice", false),
        ("rw-lock-twice", $"echo rw-lock-twice >{Bugs}", "a readers-writer lock is taken twice on the same CPU", "GuardBugs__WriteUnderSpinningReader", false),
        ("rcu-wait-in-section", $"echo rcu-wait-in-section >{Bugs}", "sleeping with preemption off", "GuardBugs__WaitForOwnSection", false),
        ("preempt-guard-copied", $"echo preempt-guard-copied >{Bugs}", "preemption is turned on that was not off", "GuardBugs__EnablePreemptionTwice", false),
        ("panic-on-oops", "echo 1 >/proc/sys/kernel/panic_on_oops; echo divide >/proc/asterion/test/oops", "fatal exception (panic_on_oops)", "ThreadRunner__GiveUp", false),
        ("oops-limit", "echo 2 >/proc/sys/kernel/oops_limit; (echo divide >/proc/asterion/test/oops); echo divide >/proc/asterion/test/oops", "too many oopses (oops_limit)", "ThreadRunner__GiveUp", false),
    ];

    /// <inheritdoc/>
    public string Name => "panic";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach ((string name, string script, string reason, string method, bool hasRegisters) in s_cases)
        {
            if (run.Selects($"{Name}/{name}"))
            {
                RunCase(run, name, script, reason, method, hasRegisters);
            }
        }
    }

    private void RunCase(TestRun run, string name, string script, string reason, string method, bool hasRegisters)
    {
        MachineSettings settings = run.Settings with { Image = Path.Combine("tests", "images", "Oops") };
        if (name.StartsWith("policy-", StringComparison.Ordinal) || name == "spin-guard-of-another-cpu")
        {
            settings = settings with { Cpus = Math.Max(2, run.Settings.Cpus ?? 1) }; // what is about another CPU needs one
        }

        ProvokedPanic end = ProvokedPanic.Run(settings, $"panic-{name}.log", script);
        int panic = end.Text.IndexOf("Kernel panic: " + reason, StringComparison.Ordinal);
        string[] wanted = ["\nCPU ", hasRegisters ? "rip ffffffff" : "", hasRegisters ? "cr2 " : "", method, "Last lines of the log:"];
        string? missing = panic < 0 ? "Kernel panic: " + reason : Array.Find(wanted, word => end.Text.IndexOf(word, panic, StringComparison.Ordinal) < 0);
        string? trouble = end.Trouble
            ?? (missing is not null ? $"\"{missing}\" is not said"
            : !ProvokedPanic.NamesLineOf(end.Text[panic..], method) ? $"{method} has no file and line" : null);
        run.Judge($"{Name}/{name}", trouble, end.Log);
    }
}
