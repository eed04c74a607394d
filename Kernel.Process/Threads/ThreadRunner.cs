// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Process.Exits;
using Kernel.Process.Signals;
using Kernel.Process.Tree;
using Ostd.Diagnostics;
using Ostd.Memory;
using Ostd.User;

namespace Kernel.Process.Threads;

/// <summary>
/// The life of a user thread: into user mode, out of it for a system call, an exception or a signal, and in again. Here an exception of the kernel's own code ends: what leaves a system call handler is a bug
/// (an oops); it is logged, the process dies, and the kernel goes on.
/// </summary>
[Component]
public sealed class ThreadRunner(Late<ISyscallDispatcher> dispatcher, SignalService signals, SignalDelivery delivery, ExitService exits, OutOfMemoryKiller memoryKiller, ProcessTable table)
{
    private ISyscallDispatcher? _dispatcher;

    /// <summary>Entry of the task of a cloned thread.</summary>
    internal void Run(object? data)
    {
        var thread = (UserThread)data!;
        thread.UserProcess.AddressSpace!.VmSpace.Activate();
        if (thread.SetChildTid != 0)
            UserMemory.TryWrite(thread.SetChildTid, thread.Tid);
        Loop(thread);
    }

    /// <summary>Runs user code until the thread exits. The address space is active.</summary>
    internal void Loop(UserThread thread)
    {
        _dispatcher ??= dispatcher.Value;
        var interrupted = Errno.Success;
        while (true)
        {
            if (interrupted != Errno.Success || thread.Task.IsInterrupted)
            {
                if (!DeliverSignals(thread, interrupted))
                    break;
                interrupted = Errno.Success;
                continue;
            }

            switch (UserMode.Execute(thread.Context, out var exception))
            {
                case UserReturnReason.Syscall:
                    interrupted = CallSystem(thread, _dispatcher);
                    break;
                case UserReturnReason.Exception:
                    HandleException(thread, exception);
                    break;
                default:
                    break;
            }
        }

        exits.ExitCurrent(thread);
    }

    /// <returns>How the call wants to be restarted, or <see cref="Errno.Success"/> when its result stands.</returns>
    private Errno CallSystem(UserThread thread, ISyscallDispatcher target)
    {
        long result;
        HeapReserve.BeginCall(thread.Attributes.MeetsAllocationFailures);
        try
        {
            result = target.Dispatch(thread);
        }
        catch (Exception exception) when (IsOutOfMemory(exception))
        {
            // The heap is full, which is no bug: what the call had begun, its guards have undone.
            result = -(long)Errno.ENOMEM;
        }
        catch (Exception exception)
        {
            HeapReserve.EndCall();
            GiveUp(thread, exception, $"system call {thread.Context.SyscallNumber}");
            return Errno.Success;
        }

        HeapReserve.EndCall();

        if (thread.KeepsRegisters)
        {
            thread.KeepsRegisters = false;
            thread.SignalState.RestoreTemporaryMask();
            return Errno.Success;
        }

        var error = result is < 0 and >= -(long)Errno.RestartThroughBlock ? (Errno)(-result) : Errno.Success;
        if (error is Errno.RestartIfHandlerAllows or Errno.RestartWithoutHandler or Errno.RestartThroughBlock)
            return error;

        // A call that was not cut short ends its temporary mask now; one that was leaves it to the signal's delivery.
        if (error != Errno.EINTR)
            thread.SignalState.RestoreTemporaryMask();
        thread.Context.SetReturnValue(result);
        return Errno.Success;
    }

    /// <returns>False when the thread has to end.</returns>
    private bool DeliverSignals(UserThread thread, Errno interrupted)
    {
        try
        {
            return delivery.Deliver(thread, interrupted);
        }
        catch (OutOfMemoryException)
        {
            KillForMemory(thread);
            return false;
        }
        catch (Exception exception)
        {
            GiveUp(thread, exception, "the delivery of a signal");
            return false;
        }
    }

    private void HandleException(UserThread thread, in UserException exception)
    {
        try
        {
            if (exception.Kind == UserExceptionKind.PageFault)
            {
                var fault = thread.UserProcess.AddressSpace!.HandleFault(exception.Address, exception.Access);
                if (fault == FaultResult.Resolved)
                    return;
                if (fault == FaultResult.OutOfMemory)
                {
                    memoryKiller.MakeRoom(thread);
                    return;
                }

                thread.LastException = exception;
                signals.Force(thread, FaultSignals.Of(fault, exception.Address));
                return;
            }

            thread.LastException = exception;
            signals.Force(thread, FaultSignals.Of(exception, thread.Context.InstructionPointer));
        }
        catch (OutOfMemoryException)
        {
            HeapReserve.EndCall();
            memoryKiller.MakeRoom(thread);
        }
        catch (Exception bug)
        {
            GiveUp(thread, bug, "an exception");
        }
    }

    // CoreLib wraps what a comparer throws.
    private static bool IsOutOfMemory(Exception? exception)
    {
        while (exception is not (null or OutOfMemoryException))
            exception = exception.InnerException;
        return exception is not null;
    }

    // There is no memory to tell the program what it waits for; Linux kills a process whose signal frame has no room, too.
    private void KillForMemory(UserThread thread)
    {
        using (table.Lock.Acquire())
        {
            signals.BeginExitLocked(thread.UserProcess, (int)Signal.SIGKILL);
        }

        HeapReserve.EndCall();
    }

    // The signal is that of x86-64 Linux for a page fault of the kernel's own (arch/x86/mm/fault.c): the program has done nothing wrong, and no handler of its may run.
    private void GiveUp(UserThread thread, Exception exception, string work)
    {
        Oops.Report(exception, $"{work} of {thread.CommandName} (process {thread.UserProcess.Pid}, thread {thread.Tid})", thread.Context);
        using var guard = table.Lock.Acquire();
        signals.BeginExitLocked(thread.UserProcess, (int)Signal.SIGKILL);
    }
}
