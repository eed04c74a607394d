// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Kernel.Process.Signals;
using Kernel.Process.Tree;
using Ostd.Boot;
using Ostd.Memory;

namespace Kernel.Process.Exits;

/// <summary>The end of threads and processes: what they hold is let go, children find a new parent, and the own parent hears of it (man 2 _exit).</summary>
[Component]
public sealed class ExitService(
    ProcessTable table, SignalService signals, SignalDelivery delivery, IFutexService? futexes, OutOfMemoryKiller memoryKiller,
    Late<IReadOnlyList<IProcessObserver>> observers) : IExitService
{
    public void ExitThread(IThread caller, int code)
    {
        var thread = (UserThread)caller;
        thread.ExitCode = WaitStatus.Exited(code);
        thread.IsExitRequested = true;
        thread.KeepsRegisters = true;
        thread.Task.Interrupt();
    }

    public void ExitGroup(IThread caller, int code)
    {
        var thread = (UserThread)caller;
        thread.KeepsRegisters = true;
        using var guard = table.Lock.Acquire();
        signals.BeginExitLocked(thread.UserProcess, WaitStatus.Exited(code));
    }

    /// <summary>Takes the calling thread apart. It never runs user code again; its task ends when the caller returns.</summary>
    internal void ExitCurrent(UserThread thread)
    {
        // What gives memory back must not fail for want of it.
        using var reserve = HeapReserve.Enter();
        var process = thread.UserProcess;
        var isLast = LeaveGroupOfThreads(thread);
        if (isLast)
        {
            foreach (var observer in observers.Value)
                observer.OnExit(process);
        }

        // Every thread has a reference of its own to the memory: one that is still waking futexes keeps it for the others.
        ReleaseUserMemoryState(thread);
        var space = process.AddressSpace!;
        VmSpace.Deactivate();
        if (isLast)
        {
            ReleaseVforkParent(process);
            var usage = UserProcess.MemoryUsageOf(space);
            using var guard = table.Lock.Acquire();
            process.ExitedUsage += usage;
        }

        // Memory and program go before the parent hears of the end: who has waited finds the file free and the memory back.
        space.Release();
        if (isLast)
            ReleaseExecutable(process);
        thread.Files.Release(process);
        if (isLast && process.IsSessionLeader)
            HangUpTerminal(process);
        if (isLast && process.Pid == 1)
            Panic.Halt($"Attempted to kill init! exitcode=0x{process.ExitStatus:x8}");
        FinishExit(thread);
    }

    /// <summary>Takes a zombie out of the table.</summary>
    /// <param name="isAccounted">What it used goes to its parent's account: only for children that were waited for (man 2 getrusage).</param>
    internal void ReapLocked(UserProcess process, bool isAccounted)
    {
        process.IsZombie = false;
        process.IsReaped = true;
        if (process.ParentProcess is { } parent)
        {
            parent.RemoveChildLocked(process);
            if (isAccounted)
                parent.ChildrenUsage += process.ExitedUsage + process.ChildrenUsage;
        }

        table.RemoveThreadLocked(process.Main);
        table.RemoveProcessLocked(process);
    }

    /// <summary>A child of vfork no longer uses its parent's memory: the parent goes on.</summary>
    internal static void ReleaseVforkParent(UserProcess process)
    {
        if (process.VforkWaiter is not { } waiter)
            return;
        process.VforkWaiter = null;
        waiter.ChildQueue.WakeAll();
    }

    /// <returns>True when no other thread of the process is alive.</returns>
    private bool LeaveGroupOfThreads(UserThread thread)
    {
        var process = thread.UserProcess;
        using var guard = table.Lock.Acquire();
        process.ExitingThreads++;
        if (process.ExitingThreads != process.LiveThreads.Count)
        {
            // A signal of the process that this thread was chosen for must find another (Linux's retarget_shared_pending).
            if (!process.IsExiting && !process.Pending.Set.IsEmpty)
            {
                foreach (var other in process.LiveThreads)
                    other.RecalculateInterruptLocked();
            }

            return false;
        }

        // All have left by exit(2), one by one: the main thread's code is that of the process.
        if (!process.IsExiting)
        {
            process.IsExiting = true;
            process.ExitStatus = process.Main.ExitCode;
        }

        return true;
    }

    /// <summary>man 2 set_tid_address, get_robust_list: tells other users of the memory that the thread is gone.</summary>
    private void ReleaseUserMemoryState(UserThread thread)
    {
        futexes?.ExitRobustList(thread);
        if (thread.ClearChildTid == 0)
            return;
        if (UserMemory.TryWrite(thread.ClearChildTid, 0))
            futexes?.Wake(thread.ClearChildTid, 1);
        thread.ClearChildTid = 0;
    }

    private void HangUpTerminal(UserProcess process)
    {
        ITerminal? terminal;
        using (table.Lock.Acquire())
        {
            var session = process.Group!.Session;
            terminal = session.ControllingTerminal;
            session.ControllingTerminal = null;
            session.Leader = null;
        }

        terminal?.OnSessionLeaderExit();
    }

    private void ReleaseExecutable(UserProcess process)
    {
        OpenFile? executable;
        using (table.Lock.Acquire())
        {
            executable = process.Executable;
            process.Executable = null;
        }

        executable?.Release();
    }

    private void FinishExit(UserThread thread)
    {
        var process = thread.UserProcess;
        using var guard = table.Lock.Acquire();
        thread.IsDead = true;
        process.LiveThreads.Remove(thread);
        process.ExitingThreads--;
        process.ExitedUsage += thread.Usage;

        // The main thread stays in the table as long as its process does.
        if (!ReferenceEquals(process.Main, thread))
            table.RemoveThreadLocked(thread);
        if (process.LiveThreads.Count != 0)
        {
            process.ChildQueue.WakeAll();
            delivery.CompleteStopLocked(process);
            return;
        }

        process.AddressSpace = null;
        memoryKiller.OnReleasedLocked(process);
        ReparentChildrenLocked(process);
        SignalOrphanedGroupLocked(process, process.ParentProcess!, process);
        process.IsZombie = true;
        if (NotifyParentLocked(process))
            ReapLocked(process, isAccounted: false);
    }

    /// <returns>True when the parent does not want to wait for it: no zombie stays (man 2 sigaction, SA_NOCLDWAIT).</returns>
    private bool NotifyParentLocked(UserProcess process)
    {
        var parent = process.ParentProcess!;
        var signal = process.ExitSignal;
        var isUnwanted = false;
        if (signal == (int)Signal.SIGCHLD)
        {
            ref readonly var action = ref parent.Dispositions[Signal.SIGCHLD];
            isUnwanted = action.IsIgnored || action.Has(SignalActionFlags.SA_NOCLDWAIT);
            if (action.IsIgnored)
                signal = 0;
        }

        if (signal != 0)
        {
            var status = process.ExitStatus;
            var info = WaitStatus.IsExit(status)
                ? SignalService.ChildInfo(process, SignalService.ChildExited, WaitStatus.ExitCode(status), signal)
                : SignalService.ChildInfo(process, SignalService.ChildKilled, WaitStatus.TerminatingSignal(status), signal);
            signals.SendLocked(parent, null, info);
        }

        parent.ChildQueue.WakeAll();
        return isUnwanted;
    }

    private void ReparentChildrenLocked(UserProcess process)
    {
        if (process.FirstChild is null)
            return;
        var reaper = FindReaperLocked(process);
        for (var child = process.FirstChild; child is not null;)
        {
            var next = child.NextSibling;
            process.RemoveChildLocked(child);
            reaper.AddChildLocked(child);
            foreach (var thread in child.LiveThreads)
            {
                if (thread.Attributes.ParentDeathSignal != Signal.None)
                    signals.SendLocked(child, thread, new SignalInfo(thread.Attributes.ParentDeathSignal, SignalInfo.CodeUser, process.Pid, 0, 0));
            }

            // Linux: a reparented child reports with SIGCHLD, whatever its exit signal was.
            child.ExitSignal = (int)Signal.SIGCHLD;
            if (child.IsZombie && NotifyParentLocked(child))
                ReapLocked(child, isAccounted: false);
            else
                SignalOrphanedGroupLocked(child, process, process);
            child = next;
        }
    }

    private UserProcess FindReaperLocked(UserProcess process)
    {
        for (var ancestor = process.ParentProcess; ancestor is not null; ancestor = ancestor.ParentProcess)
        {
            if (ancestor.IsChildSubreaper && !ancestor.IsExiting)
                return ancestor;
        }

        return table.Init!;
    }

    /// <summary>
    /// POSIX 3.264 and _exit: when a group becomes orphaned because the tie between a member and its parent goes, its stopped members get SIGHUP and SIGCONT.
    /// </summary>
    private void SignalOrphanedGroupLocked(UserProcess member, UserProcess parent, UserProcess leaving)
    {
        var group = member.Group!;
        if (ReferenceEquals(parent.Group, group) || !ReferenceEquals(parent.Group?.Session, group.Session) || !SignalService.IsOrphanedLocked(group, leaving))
            return;
        var hasStopped = false;
        foreach (var other in group.Members)
            hasStopped |= other.IsStopped && !ReferenceEquals(other, leaving);
        if (!hasStopped)
            return;
        signals.SendToGroupLocked(group, SignalInfo.FromKernel(Signal.SIGHUP));
        signals.SendToGroupLocked(group, SignalInfo.FromKernel(Signal.SIGCONT));
    }
}
