// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd.Arch;
using Ostd.Runtime;

namespace Ostd.Cpus;

/// <summary>Stops the other CPUs for the collector, or makes them run a function: the mechanism behind <see cref="World"/>.</summary>
/// <remarks>
/// A request is a number that counts up. Who asks writes what it wants, then the number, then interrupts all; a CPU that sees a number that it has not answered does what is wanted, once.
/// The next request is made only after all have answered this one, and a stopped CPU answers no other before it is let go.
/// </remarks>
// SAFETY: the function is called while the CPU that gave it waits in RunOnOthers.
internal static unsafe class WorldControl
{
    private static int s_request;
    private static int s_resumed;
    private static int s_unanswered;
    private static int s_otherCount;
    [InterruptSafe]
    private static delegate*<void> s_function;

    public static void Initialize(int cpuCount) => s_otherCount = cpuCount - 1;

    /// <summary>Returns when all other CPUs stand still.</summary>
    [InterruptSafe]
    public static void StopOthers() => Ask(null);

    /// <summary>Lets them go.</summary>
    [InterruptSafe]
    public static void ResumeOthers()
    {
        Volatile.Write(ref s_resumed, s_request);
        World.EndRequest();
    }

    /// <summary>Returns when all other CPUs have called the function.</summary>
    [InterruptSafe]
    public static void RunOnOthers([InterruptSafe] delegate*<void> function)
    {
        Ask(function);
        World.EndRequest();
    }

    /// <summary>Does what is asked of this CPU, if anything is. With interrupts off.</summary>
    [InterruptSafe]
    public static void Answer()
    {
        Mailbox mailbox = InterProcessor.MailboxOf(ThisCpu.Id);
        int request = Volatile.Read(ref s_request);
        if (request == mailbox.AnsweredRequest)
        {
            return;
        }

        mailbox.AnsweredRequest = request;
        delegate*<void> function = s_function;
        if (function != null)
        {
            function();
            Interlocked.Decrement(ref s_unanswered);
            return;
        }

        Interlocked.Decrement(ref s_unanswered);
        while (Volatile.Read(ref s_resumed) != request)
        {
            // Who stopped the world may change the kernel's mappings.
            Memory.RemoteTlb.AnswerRequests();
            Interrupts.SpinHint();
        }
    }

    [InterruptSafe]
    private static void Ask([InterruptSafe] delegate*<void> function)
    {
        bool wereEnabled = Interrupts.Disable();
        s_function = function;
        s_unanswered = s_otherCount;
        int request = s_request + 1;
        InterProcessor.MailboxOf(ThisCpu.Id).AnsweredRequest = request;
        Interlocked.Exchange(ref s_request, request);
        World.BeginRequest();
        InterProcessor.InterruptOthers();
        long nextLookNs = 0;
        while (Volatile.Read(ref s_unanswered) != 0)
        {
            Memory.RemoteTlb.AnswerRequests();
            Diagnostics.HardLockup.OnWait(ref nextLookNs, request);
            Interrupts.SpinHint();
        }

        Interrupts.Restore(wereEnabled);
    }
}
