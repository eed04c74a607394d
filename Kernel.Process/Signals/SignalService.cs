// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Process.Tree;

namespace Kernel.Process.Signals;

/// <summary>
/// Queues signals and wakes who takes them. The protocol, all under the process table's lock: queue the signal, choose a thread that does not block it, mark that thread's task as interrupted. The
/// thread finds the mark when it is about to sleep or to return to user mode, takes the mark away, and looks at the queues (<see cref="SignalDelivery"/>). Called from tasks, never from interrupt handlers.
/// </summary>
[Component]
public sealed class SignalService(ProcessTable table) : ISignalService
{
    /// <summary>CLD_* codes of SIGCHLD (man 2 sigaction).</summary>
    internal const int ChildExited = 1;
    internal const int ChildKilled = 2;
    internal const int ChildDumped = 3;
    internal const int ChildStopped = 5;
    internal const int ChildContinued = 6;

    public bool SendToProcess(IProcess process, in SignalInfo info)
    {
        using var guard = table.Lock.Acquire();
        return SendLocked((UserProcess)process, null, info);
    }

    public bool SendToThread(IThread thread, in SignalInfo info)
    {
        using var guard = table.Lock.Acquire();
        var target = (UserThread)thread;
        return SendLocked(target.UserProcess, target, info);
    }

    public bool SendToGroup(int processGroupId, in SignalInfo info)
    {
        using var guard = table.Lock.Acquire();
        if (processGroupId <= 0 || table.FindGroupLocked(processGroupId) is not { } group)
            return false;
        SendToGroupLocked(group, info);
        return true;
    }

    public Errno SendToMany(IThread sender, int processGroupId, in SignalInfo info)
    {
        var result = Errno.ESRCH;
        using var guard = table.Lock.Acquire();
        if (processGroupId > 0)
        {
            if (table.FindGroupLocked(processGroupId) is not { } group)
                return result;
            group.Note(info.Signal);
            foreach (var member in group.Members)
                result = Combine(result, SendCheckedLocked(sender, member, info));
            return result;
        }

        for (var process = table.FindNextProcessLocked(1); process is not null; process = table.FindNextProcessLocked(process.Pid))
        {
            // A lack of permission is not an error when everybody is meant.
            if (!ReferenceEquals(process, sender.Process) && SendCheckedLocked(sender, process, info) is var error and not Errno.EPERM)
                result = Combine(result, error);
        }

        return result;
    }

    // One success is enough.
    private static Errno Combine(Errno before, Errno error) => before == Errno.Success ? before : error;

    private Errno SendCheckedLocked(IThread sender, UserProcess process, in SignalInfo info)
    {
        if ((int)info.Signal is < 0 or > SignalDispositions.Count)
            return Errno.EINVAL;
        if (!MaySend(sender, process, info.Signal))
            return Errno.EPERM;
        return info.Signal == Signal.None || SendLocked(process, null, info) ? Errno.Success : Errno.EAGAIN;
    }

    public bool MaySend(IThread sender, IProcess target, Signal signal)
    {
        // man 2 kill: the real or effective uid of the sender equals the real or saved uid of the target.
        var own = sender.Credentials;
        var other = target.MainThread.Credentials;
        if (own.EffectiveUid == other.SavedUid || own.EffectiveUid == other.RealUid || own.RealUid == other.SavedUid || own.RealUid == other.RealUid)
            return true;
        return own.HasCapability(Capability.CAP_KILL) || (signal == Signal.SIGCONT && sender.Process.SessionId == target.SessionId)
            || ReferenceEquals(sender.Process, target);
    }

    public bool IsBlockedOrIgnored(IThread thread, Signal signal)
    {
        using var guard = table.Lock.Acquire();
        var target = (UserThread)thread;
        return target.SignalState.Mask.Contains(signal) || target.UserProcess.Dispositions[signal].IsIgnored;
    }

    public bool IsOrphaned(int processGroupId)
    {
        using var guard = table.Lock.Acquire();
        return table.FindGroupLocked(processGroupId) is not { } group || IsOrphanedLocked(group, null);
    }

    /// <summary>True when no member but the leaving one has a parent in another group of the same session (POSIX 3.264).</summary>
    internal static bool IsOrphanedLocked(ProcessGroup group, UserProcess? leaving)
    {
        foreach (var member in group.Members)
        {
            if (ReferenceEquals(member, leaving) || member.IsZombie || member.ParentProcess is not { } parent || parent.Pid == 1)
                continue;
            if (!ReferenceEquals(parent.Group, group) && ReferenceEquals(parent.Group?.Session, group.Session))
                return false;
        }

        return true;
    }

    internal void SendToGroupLocked(ProcessGroup group, in SignalInfo info)
    {
        // Sending never changes membership: zombies are reaped by their parents only.
        group.Note(info.Signal);
        foreach (var member in group.Members)
            SendLocked(member, null, info);
    }

    /// <summary>Sends to a process (any thread), or to one of its threads.</summary>
    /// <returns>False when the queue is full.</returns>
    internal bool SendLocked(UserProcess process, UserThread? target, in SignalInfo info)
    {
        if (process.IsZombie || process.IsReaped || process.IsExiting || target is { IsDead: true } || !PrepareLocked(process, target, info.Signal))
            return true;

        var queue = target is null ? process.Pending : target.SignalState.OwnPending;
        if (!queue.Add(info, process.Limits.Soft(ResourceKind.PendingSignals)))
            return false;
        NotifyArrivalLocked(process, target);
        ChooseThreadLocked(process, target, info.Signal);
        return true;
    }

    /// <summary>
    /// A signal that the thread has caused by itself and cannot go on without: if it is blocked or ignored, the default action ends the process (Linux's force_sig).
    /// </summary>
    internal void Force(UserThread thread, in SignalInfo info)
    {
        using var guard = table.Lock.Acquire();
        var process = thread.UserProcess;
        var action = process.Dispositions[info.Signal];
        var isBlocked = thread.SignalState.Mask.Contains(info.Signal);
        if (isBlocked || action.IsIgnored)
        {
            process.Dispositions.Set(info.Signal, default);
            thread.SignalState.SetMaskLocked(thread.SignalState.Mask & ~SignalSet.Of(info.Signal));
        }

        if (process.Dispositions[info.Signal].IsDefault)
            process.IsUnkillable = false;
        SendLocked(process, thread, info);
    }

    /// <summary>All threads of the process are to exit with this wait status. The first decision stands.</summary>
    internal void BeginExitLocked(UserProcess process, int waitStatus)
    {
        if (process.IsExiting)
            return;
        process.ExitStatus = waitStatus;
        process.IsExiting = true;
        process.StopSignal = Signal.None;
        process.IsStopped = false;
        foreach (var thread in process.LiveThreads)
            thread.Task.Interrupt();
        process.StopQueue.WakeAll();
        process.ChildQueue.WakeAll();
    }

    /// <summary>Tells the parent that the process has stopped or gone on (SIGCHLD, and wait).</summary>
    internal void NotifyParentOfStopLocked(UserProcess process, int code)
    {
        if (process.ParentProcess is not { } parent)
            return;
        ref readonly var action = ref parent.Dispositions[Signal.SIGCHLD];
        if (!action.IsIgnored && !action.Has(SignalActionFlags.SA_NOCLDSTOP))
            SendLocked(parent, null, ChildInfo(process, code, code == ChildContinued ? (int)Signal.SIGCONT : (int)process.StopSignal));
        parent.ChildQueue.WakeAll();
    }

    /// <summary>siginfo of SIGCHLD.</summary>
    internal static SignalInfo ChildInfo(UserProcess child, int code, int status, int signal = (int)Signal.SIGCHLD)
    {
        var usage = child.ThreadUsageLocked();
        var ticks = (uint)(usage.UserNs / SignalInfoLayout.ClockTickNs) | (ulong)(uint)(usage.KernelNs / SignalInfoLayout.ClockTickNs) << 32;
        return new SignalInfo((Signal)signal, code, child.Pid, child.Main.Credentials.RealUid, (uint)status, ticks);
    }

    /// <summary>What stop signals and SIGCONT do when they are sent, whatever their disposition (POSIX 2.4.1).</summary>
    /// <returns>False when the signal is ignored and nobody blocks it: it is gone.</returns>
    private bool PrepareLocked(UserProcess process, UserThread? target, Signal signal)
    {
        if (SignalDispositions.StopSignals.Contains(signal))
        {
            RemoveFromAllLocked(process, SignalSet.Of(Signal.SIGCONT));
        }
        else if (signal == Signal.SIGCONT)
        {
            RemoveFromAllLocked(process, SignalDispositions.StopSignals);
            ContinueLocked(process);
        }

        var candidate = target ?? process.Main;
        if (candidate.SignalState.Mask.Contains(signal))
            return true;
        if (process.IsUnkillable && process.Dispositions[signal].IsDefault)
            return false;
        return signal is Signal.SIGKILL or Signal.SIGSTOP || !process.Dispositions.Ignores(signal);
    }

    private void ContinueLocked(UserProcess process)
    {
        if (process.StopSignal == Signal.None)
            return;

        // A stop that not all threads have reached is reported as a stop that took place (Linux's prepare_signal).
        var code = process.IsStopped ? ChildContinued : ChildStopped;
        process.HasUnreportedStop = false;
        process.HasUnreportedContinue = process.IsStopped;
        NotifyParentOfStopLocked(process, code);
        process.StopSignal = Signal.None;
        process.IsStopped = false;
        foreach (var thread in process.LiveThreads)
            thread.IsStopRequested = false;
        process.StopQueue.WakeAll();
    }

    private void ChooseThreadLocked(UserProcess process, UserThread? target, Signal signal)
    {
        UserThread? chosen = null;
        if (target is not null)
        {
            if (Wants(target, signal))
                chosen = target;
        }
        else if (!process.Main.IsDead && Wants(process.Main, signal))
        {
            chosen = process.Main;
        }
        else
        {
            foreach (var thread in process.LiveThreads)
            {
                if (Wants(thread, signal) && (chosen is null || !thread.Task.IsInterrupted))
                    chosen = thread;
            }
        }

        if (chosen is null)
            return;

        // An end that nobody can catch begins at once, so that a sleeping or stopped process dies as well.
        var isFatal = process.Dispositions.IsFatal(signal) && SignalDispositions.DefaultOf(signal) == DefaultSignalAction.Terminate;
        if (isFatal && (!process.IsUnkillable || signal == Signal.SIGKILL))
        {
            BeginExitLocked(process, (int)signal);
            return;
        }

        chosen.Task.Interrupt();
    }

    private static bool Wants(UserThread thread, Signal signal) =>
        !thread.IsDead && !thread.IsExitRequested && !thread.SignalState.Mask.Contains(signal) && (!thread.IsStopped || signal == Signal.SIGKILL);

    private static void RemoveFromAllLocked(UserProcess process, SignalSet set)
    {
        process.Pending.Remove(set);
        foreach (var thread in process.LiveThreads)
            thread.SignalState.OwnPending.Remove(set);
    }

    private static void NotifyArrivalLocked(UserProcess process, UserThread? target)
    {
        if (target is not null)
        {
            target.SignalState.NotifyArrival();
            return;
        }

        foreach (var thread in process.LiveThreads)
            thread.SignalState.NotifyArrival();
    }
}
