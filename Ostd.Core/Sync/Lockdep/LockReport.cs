// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Diagnostics;
using Ostd.Logging;
using Ostd.Runtime;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>What lock-order checking found, in the log. Allocates nothing and takes no lock but the log's.</summary>
// SAFETY: traces are captured into a buffer of its length on the stack.
internal static unsafe class LockReport
{
    /// <summary>Nodes of a cycle that are shown.</summary>
    public const int LongestPath = 12;

    private const int LineLength = 320;

    /// <summary>Reports one lock with the trace of the caller.</summary>
    [InterruptSafe]
    public static void Write(string what, int node)
    {
        WriteTitle(what);
        Span<char> storage = stackalloc char[LineLength];
        var text = new TextBuffer(storage);
        AppendTask(ref text);
        text.Append(": ");
        LockClasses.AppendName(ref text, node);
        WriteLine(text.Text);
        WriteHeld();
        WriteOwnTrace();
        Finish(what);
    }

    /// <summary>Reports an edge that closes a cycle, with the way back.</summary>
    /// <param name="from">What is held.</param>
    /// <param name="to">What is taken.</param>
    /// <param name="path">From what is taken to what is held.</param>
    [InterruptSafe]
    public static void WriteCycle(int from, int to, ReadOnlySpan<int> path)
    {
        const string what = "possible circular locking dependency";
        WriteTitle(what);
        Span<char> storage = stackalloc char[LineLength];
        var text = new TextBuffer(storage);
        AppendTask(ref text);
        text.Append(" takes ");
        LockClasses.AppendName(ref text, to);
        text.Append(" and holds ");
        LockClasses.AppendName(ref text, from);
        WriteLine(text.Text);
        WriteTrace(LockGraph.TraceOf(from, to));
        for (int i = 0; i + 1 < path.Length; i++)
        {
            text = new TextBuffer(storage);
            text.Append("but ");
            LockClasses.AppendName(ref text, path[i + 1]);
            text.Append(" was taken while ");
            LockClasses.AppendName(ref text, path[i]);
            text.Append(" was held:");
            WriteLine(text.Text);
            WriteTrace(LockGraph.TraceOf(path[i], path[i + 1]));
        }

        Finish(what);
    }

    /// <summary>Reports a class that is taken with interrupts on, while interrupt handlers wait for it.</summary>
    /// <param name="handlers">The class that handlers take.</param>
    /// <param name="victim">The same, or one taken while that is held.</param>
    [InterruptSafe]
    public static void WriteInterruptInversion(int handlers, int victim)
    {
        const string what = "possible interrupt lock inversion";
        WriteTitle(what);
        Span<char> storage = stackalloc char[LineLength];
        var text = new TextBuffer(storage);
        LockClasses.AppendName(ref text, handlers);
        text.Append(" is taken by an interrupt handler:");
        WriteLine(text.Text);
        WriteTrace(LockGraph.TraceOf(handlers, LockUse.InInterrupt));
        text = new TextBuffer(storage);
        LockClasses.AppendName(ref text, victim);
        text.Append(victim == handlers ? " is taken with interrupts on:" : ", which is taken below it, is also taken with interrupts on:");
        WriteLine(text.Text);
        WriteTrace(LockGraph.TraceOf(victim, LockUse.WithInterruptsOn));
        Finish(what);
    }

    [InterruptSafe]
    private static void WriteTitle(string what)
    {
        Span<char> storage = stackalloc char[LineLength];
        var text = new TextBuffer(storage);
        text.Append("lockdep: ");
        text.Append(what);
        WriteLine(text.Text);
    }

    [InterruptSafe]
    private static void Finish(string what)
    {
        LockOrder.CountReport();
        if (LockOrder.IsFatal)
        {
            Panic.Halt(what);
        }
    }

    [InterruptSafe]
    private static void AppendTask(ref TextBuffer text)
    {
        text.Append("task ");
        text.Append(ThisCpu.CurrentTask is Task task ? task.Name : "none");
        text.Append(" on CPU ");
        text.AppendDecimal(ThisCpu.Id);
        text.Append(ThisCpu.InInterrupt ? ", in an interrupt handler" : "");
    }

    [InterruptSafe]
    private static void WriteHeld()
    {
        if (ThisCpu.InInterrupt || ThisCpu.CurrentTask is not Task task)
        {
            return;
        }

        Span<char> storage = stackalloc char[LineLength];
        for (int i = 0; i < task.Held.Count; i++)
        {
            var text = new TextBuffer(storage);
            text.Append("  holds ");
            LockClasses.AppendName(ref text, task.Held.NodeAt(i));
            WriteLine(text.Text);
        }
    }

    [InterruptSafe]
    private static void WriteOwnTrace()
    {
        const int length = 24;
        nint* trace = stackalloc nint[length];
        new Span<nint>(trace, length).Clear();
        StackWalker.Capture(trace, length, 0);
        WriteTrace(new ReadOnlySpan<nint>(trace, length));
    }

    [InterruptSafe]
    private static void WriteTrace(ReadOnlySpan<nint> trace)
    {
        Span<char> storage = stackalloc char[CodeAddress.LongestLine];
        for (int i = 0; i < trace.Length && trace[i] != 0; i++)
        {
            var text = new TextBuffer(storage);
            text.Append("  ");
            CodeAddress.Append(ref text, (ulong)trace[i], isReturnAddress: true);
            WriteLine(text.Text);
        }
    }

    [InterruptSafe]
    private static void WriteLine(ReadOnlySpan<char> line) => Log.Write(LogLevel.Warning, line);
}
