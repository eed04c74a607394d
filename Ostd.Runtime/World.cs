// SPDX-License-Identifier: MPL-2.0

using System.Threading;

namespace Ostd.Runtime;

/// <summary>
/// The other CPUs, as the collector sees them: they can be stopped, let go, and made to run a function. With one CPU nothing is installed, and all of
/// this does nothing.
/// </summary>
/// <remarks>
/// <para>One CPU at a time may call <see cref="StopOthers"/>, <see cref="ResumeOthers"/> and <see cref="RunOnOthers"/>: the collector's lock sees to that. The
/// caller neither sleeps nor is preempted between a stop and its resume.</para>
/// <para>A CPU is reached by an interrupt, or, where it waits with interrupts off, by <see cref="Poll"/>: every loop of the framework that does so calls it. A CPU that
/// waits for a lock which the stopper holds can thus be stopped where it is, and a stop ends as soon as no CPU computes with interrupts off.</para>
/// <para>A stopped CPU may hold locks that it took before, of the runtime too: it stands inside the wait for another one.</para>
/// </remarks>
// SAFETY: the pointers are to static methods of the kernel, which never go away; all are written before the second CPU runs C#, and never again.
public static unsafe class World
{
    [InterruptSafe]
    private static delegate*<void> s_stopOthers;
    [InterruptSafe]
    private static delegate*<void> s_resumeOthers;
    [InterruptSafe]
    private static delegate*<delegate*<void>, void> s_runOnOthers;
    [InterruptSafe]
    private static delegate*<void> s_answer;
    private static int s_requests;

    /// <summary>A CPU begins to wait for the answers of others, of which some may poll. Before anything is sent to them.</summary>
    [InterruptSafe]
    public static void BeginRequest() => Interlocked.Increment(ref s_requests);

    /// <summary>All have answered.</summary>
    [InterruptSafe]
    public static void EndRequest() => Interlocked.Decrement(ref s_requests);

    /// <summary>Tells how other CPUs are reached. Called once, before a second one runs C#.</summary>
    /// <param name="stopOthers">Returns when all others stand still, each in <see cref="Answer"/>.</param>
    /// <param name="resumeOthers">Lets them go.</param>
    /// <param name="runOnOthers">Makes every other CPU call a function, with interrupts off; returns when all have.</param>
    /// <param name="answer">Does what this CPU is asked for, if it is: called with interrupts off. Stands still in there while the world is stopped.</param>
    public static void Install(
        [InterruptSafe] delegate*<void> stopOthers, [InterruptSafe] delegate*<void> resumeOthers, [InterruptSafe] delegate*<delegate*<void>, void> runOnOthers, [InterruptSafe] delegate*<void> answer)
    {
        s_stopOthers = stopOthers;
        s_resumeOthers = resumeOthers;
        s_runOnOthers = runOnOthers;
        s_answer = answer;
    }

    /// <summary>Returns when every other CPU stands still, with the registers of its task at or above <see cref="RuntimeThread.SavedStackPointer"/>.</summary>
    [InterruptSafe]
    public static void StopOthers()
    {
        if (s_stopOthers != null)
        {
            s_stopOthers();
        }
    }

    /// <summary>Lets the CPUs go that <see cref="StopOthers"/> stopped.</summary>
    [InterruptSafe]
    public static void ResumeOthers()
    {
        if (s_resumeOthers != null)
        {
            s_resumeOthers();
        }
    }

    /// <summary>
    /// Makes every other CPU call a function once, with interrupts off; returns when all have. What it interrupted may hold any lock: the function takes none,
    /// allocates nothing and throws nothing. Not between a stop and its resume.
    /// </summary>
    /// <param name="function">The function.</param>
    [InterruptSafe]
    public static void RunOnOthers([InterruptSafe] delegate*<void> function)
    {
        if (s_runOnOthers != null)
        {
            s_runOnOthers(function);
        }
    }

    /// <summary>What a loop calls that waits with interrupts off: answers when this CPU is asked for something.</summary>
    [InterruptSafe]
    public static void Poll()
    {
        if (Volatile.Read(ref s_requests) != 0)
        {
            Answer();
        }
    }

    /// <summary>Does what this CPU is asked for, with its task's registers where the collector looks for them. From the interrupt's handler and from <see cref="Poll"/>.</summary>
    [InterruptSafe]
    public static void Answer()
    {
        nuint flags = ArchRuntime.DisableInterrupts();
        ArchRuntime.CallWithSavedRegisters(&AnswerFrom, 0);
        ArchRuntime.RestoreInterrupts(flags);
    }

    [InterruptSafe]
    private static void AnswerFrom(nuint stackPointer, nuint unused)
    {
        if (s_answer == null)
        {
            return;
        }

        // SAFETY: the record is that of the task that runs here; interrupts are off, so it stays that.
        RuntimeThread* current = ArchRuntime.GetThread();
        current->SavedStackPointer = stackPointer;
        s_answer();

        // As at a switch (RuntimeThread.BeginSwitch): a collection that looked through the stack meanwhile is to do so again.
        Volatile.Write(ref current->SavedStackPointer, 0);
        Volatile.Write(ref current->HasRunSinceScan, 1);
    }
}
