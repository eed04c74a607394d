// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Process.Tree;

namespace Kernel.Process.Signals;

/// <summary>What a thread does about its signals before it returns to user mode: handlers, stops, the end; and the restart of the system call that a signal cut short.</summary>
[Component]
public sealed class SignalDelivery(ProcessTable table, SignalService signals) : ISignalActions
{
    private readonly ISignalAbi _abi = SignalAbi.ForThisMachine();

    private enum Step
    {
        Nothing,
        RunHandler,
        StandStill,
        Exit,
    }

    public SignalAction Get(IProcess process, Signal signal)
    {
        using var guard = table.Lock.Acquire();
        return ((UserProcess)process).Dispositions[signal];
    }

    public SignalAction Set(IProcess process, Signal signal, in SignalAction action)
    {
        var target = (UserProcess)process;
        using var guard = table.Lock.Acquire();
        var old = target.Dispositions[signal];
        target.Dispositions.Set(signal, action);
        if (!target.Dispositions.Ignores(signal))
            return old;

        // POSIX 2.4.3: setting a disposition to ignore discards what is pending, blocked or not.
        var set = SignalSet.Of(signal);
        target.Pending.Remove(set);
        foreach (var thread in target.LiveThreads)
            thread.SignalState.OwnPending.Remove(set);
        return old;
    }

    public SyscallResult ReturnFromHandler(IThread caller)
    {
        var thread = (UserThread)caller;
        thread.KeepsRegisters = true;
        if (!_abi.TryPopFrame(thread, out var frame))
        {
            signals.Force(thread, SignalInfo.FromKernel(Signal.SIGSEGV));
            return 0;
        }

        thread.Signals.Blocked = frame.Mask;
        thread.SignalState.AlternateStack = frame.AlternateStack.IsEnabled && (frame.AlternateStack.Flags & AlternateSignalStack.SS_DISABLE) == 0
            ? frame.AlternateStack with { Flags = frame.AlternateStack.Flags & AlternateSignalStack.SS_AUTODISARM }
            : AlternateSignalStack.Disabled;
        return 0;
    }

    /// <summary>Handles all that is pending.</summary>
    /// <param name="interrupted">How the call that returned wants to be restarted; <see cref="Errno.Success"/> for none.</param>
    /// <returns>False when the thread has to exit.</returns>
    internal bool Deliver(UserThread thread, Errno interrupted)
    {
        // Cleared before the queues are looked at: a signal that comes later sets it again and brings us back.
        thread.Task.ClearInterrupt();
        while (true)
        {
            switch (Next(thread, out var info, out var action))
            {
                case Step.Exit:
                    return false;
                case Step.StandStill:
                    StandStill(thread);
                    break;
                case Step.RunHandler:
                    FinishInterruptedCall(thread, ref interrupted, isHandled: true, action.Has(SignalActionFlags.SA_RESTART));
                    RunHandler(thread, info, action);
                    break;
                default:
                    FinishInterruptedCall(thread, ref interrupted, isHandled: false, restarts: true);
                    thread.SignalState.RestoreTemporaryMask();
                    return true;
            }
        }
    }

    /// <summary>All threads are to stop; each does when it next comes by.</summary>
    private static void BeginStopLocked(UserProcess process, Signal signal)
    {
        process.StopSignal = signal;
        foreach (var thread in process.LiveThreads)
        {
            if (thread.IsStopped)
                continue;
            thread.IsStopRequested = true;
            thread.Task.Interrupt();
        }
    }

    /// <summary>The last thread has stopped, or the last one that had not has exited.</summary>
    internal void CompleteStopLocked(UserProcess process)
    {
        if (process.StopSignal == Signal.None || process.IsStopped)
            return;
        foreach (var thread in process.LiveThreads)
        {
            if (!thread.IsStopped)
                return;
        }

        process.IsStopped = true;
        process.HasUnreportedStop = true;
        process.HasUnreportedContinue = false;
        signals.NotifyParentOfStopLocked(process, SignalService.ChildStopped);
    }

    private Step Next(UserThread thread, out SignalInfo info, out SignalAction action)
    {
        using var guard = table.Lock.Acquire();
        var process = thread.UserProcess;
        action = default;
        info = default;
        while (true)
        {
            if (thread.IsDying)
                return Step.Exit;
            if (thread.IsStopRequested)
                return Step.StandStill;
            if (!thread.SignalState.TryTakeLocked(~thread.SignalState.Mask, out info))
                return Step.Nothing;

            action = process.Dispositions[info.Signal];
            if (action.IsIgnored)
                continue;
            if (action.IsCaught)
            {
                if (action.Has(SignalActionFlags.SA_RESETHAND))
                    process.Dispositions.Set(info.Signal, default);
                return Step.RunHandler;
            }

            if (process.IsUnkillable)
                continue;
            switch (SignalDispositions.DefaultOf(info.Signal))
            {
                case DefaultSignalAction.Ignore or DefaultSignalAction.Continue:
                    break;
                case DefaultSignalAction.Stop:
                    // POSIX 2.4.3: nobody could continue a member of an orphaned group.
                    if (info.Signal == Signal.SIGSTOP || (process.Group is { } group && !SignalService.IsOrphanedLocked(group, null)))
                        BeginStopLocked(process, info.Signal);
                    break;
                default:
                    signals.BeginExitLocked(process, (int)info.Signal);
                    return Step.Exit;
            }
        }
    }

    private void StandStill(UserThread thread)
    {
        var process = thread.UserProcess;
        using (table.Lock.Acquire())
        {
            if (!thread.IsStopRequested)
                return;
            thread.IsStopRequested = false;
            thread.IsStopped = true;
            CompleteStopLocked(process);
        }

        while (true)
        {
            process.StopQueue.WaitIdle(thread, static t => t.UserProcess.StopSignal == Signal.None || t.IsDying);

            // Looked at again under the lock: another thread may have begun a new stop, which counts this one as standing still.
            using var guard = table.Lock.Acquire();
            if (process.StopSignal == Signal.None || thread.IsDying)
            {
                thread.IsStopped = false;
                return;
            }
        }
    }

    private void RunHandler(UserThread thread, in SignalInfo info, in SignalAction action)
    {
        var state = thread.SignalState;
        SignalSet maskToRestore;
        using (table.Lock.Acquire())
            maskToRestore = state.TakeMaskForFrameLocked();

        if (!_abi.TryPushFrame(thread, info, action, maskToRestore))
        {
            // No frame for SIGSEGV itself: its handler cannot run, so that the default action is all that is left.
            if (info.Signal == Signal.SIGSEGV)
            {
                using var guard = table.Lock.Acquire();
                thread.UserProcess.Dispositions.Set(Signal.SIGSEGV, default);
            }

            state.Blocked = maskToRestore;
            signals.Force(thread, SignalInfo.FromKernel(Signal.SIGSEGV));
            return;
        }

        if ((state.AlternateStack.Flags & AlternateSignalStack.SS_AUTODISARM) != 0)
            state.AlternateStack = AlternateSignalStack.Disabled;
        var mask = state.Mask | action.Mask;
        state.Blocked = action.Has(SignalActionFlags.SA_NODEFER) ? mask : mask | SignalSet.Of(info.Signal);
    }

    /// <summary>man 7 signal, "Interruption of system calls by signal handlers".</summary>
    private void FinishInterruptedCall(UserThread thread, ref Errno interrupted, bool isHandled, bool restarts)
    {
        var how = interrupted;
        interrupted = Errno.Success;
        switch (how)
        {
            case Errno.Success:
                break;
            case Errno.RestartIfHandlerAllows when restarts:
            case Errno.RestartWithoutHandler when !isHandled:
                thread.Context.RestartSyscall();
                break;
            case Errno.RestartThroughBlock when !isHandled:
                _abi.CallRestartSyscall(thread.Context);
                break;
            default:
                thread.Context.SetReturnValue(-(long)Errno.EINTR);
                break;
        }
    }
}
