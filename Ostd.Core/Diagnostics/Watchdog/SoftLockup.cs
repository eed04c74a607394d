// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Logging;
using Ostd.Runtime;
using Ostd.Tasks;
using Ostd.Time;

namespace Ostd.Diagnostics;

/// <summary>
/// A CPU that takes its ticks but does not get to its scheduler: kernel code with preemption off that does not end. Counted in ticks since the CPU last chose a task; now and then a tick asks for that,
/// so that a task that computes alone is none.
/// </summary>
// SAFETY: the frame is the stub's, on the interrupted stack, and is used during the call alone; the trace's buffer has the length that is passed with it.
internal static unsafe class SoftLockup
{
    // How often within the threshold the CPU is asked to choose anew.
    private const int Requests = 5;

    // CPUs, bit by bit, that have reached the threshold in this interrupt. The end of the interrupt knows where it came.
    private static long s_due;

    /// <summary>True when a CPU, perhaps not this one, is to call <see cref="ReportIfDue"/>.</summary>
    [InterruptSafe]
    public static bool IsAnyDue => Volatile.Read(ref s_due) != 0;

    /// <summary>At each tick of a CPU that is not idle, in the timer's handler.</summary>
    [InterruptSafe]
    public static void OnTick(CpuState cpu)
    {
        int ticks = ++cpu.TicksSinceSwitch;
        int threshold = Watchdog.SoftThresholdTicks;
        if (threshold == 0)
        {
            return;
        }

        if (ticks % (threshold / Requests) == 0)
        {
            ThisCpu.NeedReschedule = true;
        }

        if (ticks % threshold == 0)
        {
            Interlocked.Or(ref s_due, 1L << cpu.Id);
        }
    }

    /// <summary>At the end of an interrupt of kernel code, before the task may be switched.</summary>
    [InterruptSafe]
    public static void ReportIfDue(TrapFrame* frame)
    {
        long me = 1L << ThisCpu.Id;
        if ((Interlocked.And(ref s_due, ~me) & me) != 0)
        {
            Report(Scheduler.ThisCpuState, frame);
        }
    }

    [InterruptSafe]
    private static void Report(CpuState cpu, TrapFrame* frame)
    {
        int ticks = cpu.TicksSinceSwitch;
        Watchdog.CountSoftLockup();
        Span<char> storage = stackalloc char[160];
        var text = new TextBuffer(storage);
        text.Append("watchdog: BUG: soft lockup - CPU#");
        text.AppendDecimal(cpu.Id);
        text.Append(" stuck for ");
        text.AppendDecimal(ticks * Clock.TickNs / 1_000_000_000);
        text.Append("s! [");
        text.Append(cpu.Current.Name);
        text.Append(']');
        Log.Write(LogLevel.Alert, text.Text);
        nint* trace = stackalloc nint[StackReport.MaxFrames];
        int length = StackWalker.CaptureFromRegisters((nuint)frame->InstructionPointer, (nuint)frame->StackPointer, (nuint)frame->FramePointer, (nuint)frame->LinkRegister, trace, StackReport.MaxFrames);
        StackReport.Write(LogLevel.Alert, new ReadOnlySpan<nint>(trace, length), isInterrupted: true);
        if (Watchdog.SoftLockupPanics)
        {
            Panic.Halt("softlockup: hung tasks");
        }
    }
}
