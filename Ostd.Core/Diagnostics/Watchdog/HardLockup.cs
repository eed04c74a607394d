// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Cpus;
using Ostd.Logging;
using Ostd.Runtime;
using Ostd.Tasks;
using Ostd.Time;

namespace Ostd.Diagnostics;

/// <summary>
/// A CPU that takes no interrupts any more. Its neighbour notices: each CPU looks after the next one, a few times within the threshold, idle or not.
/// </summary>
/// <remarks>
/// <para>A CPU that has taken no interrupt since the last look is asked by a non-maskable one where it is. If interrupts are on there, it is only slow: the host does not run it. If they are off, and it has still
/// taken none at the next look, that counts; so many in a row are a lockup. A CPU that does not answer at all does not count: it does not run. One CPU alone has nobody to ask it.</para>
/// <para>Who waits with interrupts off until all CPUs have stopped (<see cref="WorldControl"/>) cannot be interrupted to look, and keeps the others from it: it looks after those it waits for itself.</para>
/// </remarks>
// SAFETY: the trap's frame is on the non-maskable interrupt's stack, during the call alone; traces go into arrays of MaxFrames entries, which never move.
internal static unsafe class HardLockup
{
    private const int LooksPerThreshold = 5;
    private const long ShortestPeriodNs = 100_000_000;

    private static HardLockupState[]? s_cpus;

    /// <summary>Time between two looks.</summary>
    [InterruptSafe]
    public static long PeriodNs => Math.Max(ShortestPeriodNs, Watchdog.ThresholdSeconds * 1_000_000_000L / LooksPerThreshold);

    /// <summary>Whether there is a CPU to look after.</summary>
    [NoAlloc]
    public static bool IsUsed => s_cpus is not null;

    /// <summary>On the CPU that booted, before the others leave it.</summary>
    public static void Initialize(int cpuCount)
    {
        var cpus = new HardLockupState[cpuCount];
        for (int cpu = 0; cpu < cpuCount; cpu++)
        {
            cpus[cpu] = new HardLockupState();
        }

        s_cpus = cpus;
    }

    /// <summary>This CPU has taken an interrupt.</summary>
    [InterruptSafe]
    public static void CountInterrupt()
    {
        if (s_cpus is HardLockupState[] cpus)
        {
            cpus[ThisCpu.Id].Interrupts++;
        }
    }

    /// <summary>The time for a look at the next CPU has come. In the timer's handler.</summary>
    [InterruptSafe]
    public static void LookAtNext() => LookAt((ThisCpu.Id + 1) % s_cpus!.Length);

    /// <summary>From a wait for other CPUs with interrupts off.</summary>
    /// <param name="nextLookNs">When the next look is due: 0 at first.</param>
    /// <param name="request">What they are waited for: the request that each has answered or not.</param>
    [InterruptSafe]
    public static void OnWait(ref long nextLookNs, int request)
    {
        long now = Clock.MonotonicNs;
        if (s_cpus is null || now < nextLookNs)
        {
            return;
        }

        if (nextLookNs != 0)
        {
            for (int cpu = 0; cpu < s_cpus.Length; cpu++)
            {
                if (cpu != ThisCpu.Id && Volatile.Read(ref InterProcessor.MailboxOf(cpu).AnsweredRequest) != request)
                {
                    LookAt(cpu);
                }
            }
        }

        nextLookNs = now + PeriodNs;
    }

    /// <summary>A non-maskable interrupt has come.</summary>
    /// <returns>False when this detector has not sent it.</returns>
    [InterruptSafe]
    public static bool OnNonMaskable(TrapFrame* frame)
    {
        if (s_cpus is null)
        {
            return false;
        }

        HardLockupState state = s_cpus[ThisCpu.Id];
        if (Interlocked.Exchange(ref state.IsAsked, 0) == 0)
        {
            return false;
        }

        state.HasInterruptsOff = !frame->InterruptsWereEnabled;
        if (state.HasInterruptsOff)
        {
            fixed (nint* trace = state.Trace)
            {
                state.TraceLength = StackWalker.CaptureFromRegisters(
                    (nuint)frame->InstructionPointer, (nuint)frame->StackPointer, (nuint)frame->FramePointer, (nuint)frame->LinkRegister, trace, state.Trace.Length);
            }
        }

        Volatile.Write(ref state.HasAnswered, true);
        return true;
    }

    [InterruptSafe]
    private static void LookAt(int cpu)
    {
        HardLockupState state = s_cpus![cpu];
        if (!Watchdog.WatchesHard || Interlocked.Exchange(ref state.IsLookedAt, 1) != 0)
        {
            return; // another CPU looks
        }

        long interrupts = Volatile.Read(ref state.Interrupts);
        if (interrupts != state.SeenInterrupts)
        {
            state.SeenInterrupts = interrupts;
            state.Silent = 0;
            state.HasAnswered = false;
        }
        else
        {
            if (Volatile.Read(ref state.HasAnswered))
            {
                state.Silent = state.HasInterruptsOff ? state.Silent + 1 : 0;
                state.HasAnswered = false;
                if (state.Silent != 0 && state.Silent % LooksPerThreshold == 0)
                {
                    Report(cpu, state);
                }
            }

            if (Interlocked.Exchange(ref state.IsAsked, 1) == 0)
            {
                InterruptController.SendNonMaskable(SecondaryCpus.HardwareIdOf(cpu));
            }
        }

        Volatile.Write(ref state.IsLookedAt, 0);
    }

    [InterruptSafe]
    private static void Report(int cpu, HardLockupState state)
    {
        Watchdog.CountHardLockup();
        Span<char> storage = stackalloc char[160];
        var text = new TextBuffer(storage);
        text.Append("watchdog: CPU");
        text.AppendDecimal(cpu);
        text.Append(": Watchdog detected hard LOCKUP on cpu ");
        text.AppendDecimal(cpu);
        text.Append(" [");
        text.Append(Scheduler.CurrentOf(cpu).Name);
        text.Append(']');
        Log.Write(LogLevel.Emergency, text.Text);
        StackReport.Write(LogLevel.Emergency, state.Trace.AsSpan(0, state.TraceLength), isInterrupted: true);
        if (Watchdog.HardLockupPanics)
        {
            Panic.Halt("Hard LOCKUP");
        }
    }
}

/// <summary>What is known of one CPU.</summary>
internal sealed class HardLockupState
{
    /// <summary>Interrupts that it has taken. Its own alone.</summary>
    public long Interrupts;

    /// <summary>1 while a non-maskable interrupt is on its way to it.</summary>
    public int IsAsked;

    /// <summary>The interrupt has come, and what follows is true of that moment.</summary>
    public bool HasAnswered;
    public bool HasInterruptsOff;
    public int TraceLength;
    public readonly nint[] Trace = new nint[StackReport.MaxFrames];

    /// <summary>1 while a CPU looks at it, which guards the rest.</summary>
    public int IsLookedAt;
    public long SeenInterrupts;
    public int Silent;
}
