// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Process.Exits;
using Kernel.Process.Signals;
using Kernel.Process.Threads;
using Kernel.Process.Tree;
using Ostd.Memory;
using Ostd.Tasks;

namespace Kernel.Process.Cloning;

/// <summary>clone(2): new threads and processes as copies of the caller.</summary>
[Component]
public sealed class CloneService(ProcessTable table, ThreadRunner runner, SignalService signals) : ICloneService
{
    public Result<int> Clone(IThread caller, in CloneArguments arguments)
    {
        var parent = (UserThread)caller;
        var error = Check(parent, arguments);
        if (error != Errno.Success)
            return error;
        if (!HeapReserve.HasRoom)
            return Errno.ENOMEM;

        // A child is made whole or not at all: there is room, but for a table of descriptors of unusual size.
        using var reserve = HeapReserve.Enter();
        error = ReservePid(parent, arguments.WantedPid, out var pid, out var group, out var stopCount);
        if (error != Errno.Success)
            return error;

        var made = Has(arguments, CloneFlags.CLONE_THREAD) ? MakeThread(parent, pid, arguments) : MakeProcess(parent, pid, arguments);
        if (!made.TryGet(out var child, out error))
        {
            using var guard = table.Lock.Acquire();
            table.ReturnPidLocked(pid, parent.Credentials.RealUid);
            return error;
        }

        PrepareRegisters(parent, child, arguments);
        if (Has(arguments, CloneFlags.CLONE_PARENT_SETTID))
            UserMemory.TryWrite(arguments.ParentTidAddress, pid);
        if (Has(arguments, CloneFlags.CLONE_CHILD_SETTID))
            child.SetChildTid = arguments.ChildTidAddress;
        if (Has(arguments, CloneFlags.CLONE_CHILD_CLEARTID))
            child.ClearChildTid = arguments.ChildTidAddress;

        var isVfork = Has(arguments, CloneFlags.CLONE_VFORK) && !ReferenceEquals(child.UserProcess, parent.UserProcess);
        if (isVfork)
            child.UserProcess.VforkWaiter = parent.UserProcess;
        Publish(parent, child, arguments, group, stopCount);
        child.Task.Start();
        if (isVfork)
        {
            var process = child.UserProcess;
            parent.WaitKillable(parent.UserProcess.ChildQueue, process, static p => p.VforkWaiter is null);
        }

        return pid;
    }

    /// <summary>What copy_process of Linux refuses, in its order.</summary>
    private Errno Check(UserThread parent, in CloneArguments arguments)
    {
        var flags = arguments.Flags;
        if ((flags & (CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_FS)) == (CloneFlags.CLONE_NEWNS | CloneFlags.CLONE_FS))
            return Errno.EINVAL;
        if ((flags & (CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_FS)) == (CloneFlags.CLONE_NEWUSER | CloneFlags.CLONE_FS))
            return Errno.EINVAL;
        if (Has(arguments, CloneFlags.CLONE_THREAD) && !Has(arguments, CloneFlags.CLONE_SIGHAND))
            return Errno.EINVAL;
        if (Has(arguments, CloneFlags.CLONE_SIGHAND) && !Has(arguments, CloneFlags.CLONE_VM))
            return Errno.EINVAL;
        if (Has(arguments, CloneFlags.CLONE_SIGHAND) && Has(arguments, CloneFlags.CLONE_CLEAR_SIGHAND))
            return Errno.EINVAL;
        if (Has(arguments, CloneFlags.CLONE_PARENT) && ReferenceEquals(parent.UserProcess, table.Init))
            return Errno.EINVAL;

        // There are no namespaces and no pidfds: the answer of a Linux that was built without them, after the permission check.
        if ((flags & (CloneFlags.Namespaces & ~CloneFlags.CLONE_NEWUSER)) != 0 && !parent.Credentials.HasCapability(Capability.CAP_SYS_ADMIN))
            return Errno.EPERM;
        if ((flags & (CloneFlags.Namespaces | CloneFlags.CLONE_PIDFD | CloneFlags.CLONE_INTO_CGROUP)) != 0)
            return Errno.EINVAL;
        if (Has(arguments, CloneFlags.CLONE_SETTLS) && arguments.ThreadPointer >= Paging.UserSpaceEnd)
            return Errno.EPERM;
        return Errno.Success;
    }

    /// <summary>Takes a pid, and notes what the caller's group has been sent by now.</summary>
    private Errno ReservePid(UserThread parent, int wanted, out int pid, out ProcessGroup group, out int stopCount)
    {
        pid = 0;
        var credentials = parent.Credentials;
        using var guard = table.Lock.Acquire();
        group = parent.UserProcess.Group!;
        stopCount = group.StopCount;
        var isLimited = credentials.RealUid != 0 && !credentials.HasCapability(Capability.CAP_SYS_RESOURCE) && !credentials.HasCapability(Capability.CAP_SYS_ADMIN);
        if (isLimited && (ulong)table.CountThreadsLocked(credentials.RealUid) >= parent.UserProcess.Limits.Soft(ResourceKind.Processes))
            return Errno.EAGAIN;
        var allocated = table.AllocatePidLocked(wanted, credentials.RealUid);
        pid = allocated.Value;
        return allocated.Error;
    }

    private Result<UserThread> MakeThread(UserThread parent, int tid, in CloneArguments arguments)
    {
        // A reference for each thread: see the exit.
        var space = parent.UserProcess.AddressSpace!;
        space.AddReference();
        var made = MakeTask(parent, tid, parent.UserProcess, arguments);
        if (made.IsError)
            space.Release();
        return made;
    }

    private Result<UserThread> MakeProcess(UserThread parent, int pid, in CloneArguments arguments)
    {
        var source = parent.UserProcess;
        IAddressSpace space;
        if (Has(arguments, CloneFlags.CLONE_VM))
        {
            space = source.AddressSpace!;
            space.AddReference();
        }
        else if (!source.AddressSpace!.Clone().TryGet(out space, out var error))
        {
            return error;
        }

        SignalDispositions dispositions;
        using (table.Lock.Acquire())
        {
            dispositions = Has(arguments, CloneFlags.CLONE_SIGHAND) ? source.Dispositions
                : Has(arguments, CloneFlags.CLONE_CLEAR_SIGHAND) ? source.Dispositions.CloneForExecute()
                : source.Dispositions.Clone();
        }

        var process = new UserProcess(table, pid, null, dispositions, source.Limits.Clone())
        {
            AddressSpace = space,
            Executable = source.Executable?.AddReference(),
            ExitSignal = Has(arguments, CloneFlags.CLONE_PARENT) ? source.ExitSignal : arguments.ExitSignal,
            IsDumpable = source.IsDumpable,
            HasGivenUpTerminal = source.HasGivenUpTerminal,
        };
        var made = MakeTask(parent, pid, process, arguments);
        if (made.IsError)
        {
            space.Release();
            process.Executable?.Release();
        }
        else
        {
            process.Main = made.Value;
        }

        return made;
    }

    private Result<UserThread> MakeTask(UserThread parent, int tid, UserProcess process, in CloneArguments arguments)
    {
        IFileTable files;
        try
        {
            files = Has(arguments, CloneFlags.CLONE_FILES) ? parent.Files : parent.Files.Clone();
        }
        catch (OutOfMemoryException)
        {
            return Errno.ENOMEM;
        }

        if (Has(arguments, CloneFlags.CLONE_FILES))
            files.AddReference();
        var fileSystem = Has(arguments, CloneFlags.CLONE_FS) ? parent.FileSystem : parent.FileSystem.Clone();
        var attributes = parent.Attributes.Clone();
        attributes.ParentDeathSignal = Signal.None;
        var child = new UserThread(tid, process, parent.Context.Clone(), parent.Credentials, files, fileSystem, attributes) { CommandName = parent.CommandName };
        if (!Task.TryCreate(runner.Run, child, parent.CommandName, out var task))
        {
            files.Release(process);
            return Errno.ENOMEM;
        }

        child.Task = task;
        CopyScheduling(parent.Task.Scheduling, task.Scheduling);
        child.SignalState.InheritMask(parent.SignalState.Mask);

        // man 2 sigaltstack: a child keeps it, but for one that shares the memory and runs at the same time.
        if (!Has(arguments, CloneFlags.CLONE_VM) || Has(arguments, CloneFlags.CLONE_VFORK))
            child.SignalState.AlternateStack = parent.SignalState.AlternateStack;
        return child;
    }

    private static void CopyScheduling(SchedulingEntity from, SchedulingEntity to)
    {
        to.Nice = from.Nice;
        to.Affinity = from.Affinity;
        to.Policy = from.Policy;
        to.RealTimePriority = from.RealTimePriority;
        to.VirtualRuntimeNs = from.VirtualRuntimeNs;
    }

    private static void PrepareRegisters(UserThread parent, UserThread child, in CloneArguments arguments)
    {
        child.Context.SetReturnValue(0);
        if (arguments.StackPointer != 0)
            child.Context.StackPointer = arguments.StackPointer;
        if (Has(arguments, CloneFlags.CLONE_SETTLS))
            child.Context.ThreadPointer = arguments.ThreadPointer;
    }

    /// <summary>
    /// Makes the child visible: from here on it can be signalled and waited for. What was sent to the whole group while the child was being made, and would have reached it a moment later, reaches it here: its maker's
    /// end, and a stop.
    /// </summary>
    private void Publish(UserThread parent, UserThread child, in CloneArguments arguments, ProcessGroup group, int stopCount)
    {
        using var guard = table.Lock.Acquire();
        var process = child.UserProcess;
        var source = parent.UserProcess;
        table.AddThreadLocked(child);
        process.LiveThreads.Add(child);
        if (!ReferenceEquals(process, source))
        {
            table.AddProcessLocked(process);
            var real = Has(arguments, CloneFlags.CLONE_PARENT) ? source.ParentProcess! : source;
            real.AddChildLocked(process);
            table.JoinGroupLocked(process, source.Group!);
            if (source.IsExiting)
                signals.BeginExitLocked(process, source.ExitStatus);
            else if (ReferenceEquals(source.Group, group) && group.StopCount != stopCount && group.LastStop != Signal.None)
                signals.SendLocked(process, null, SignalInfo.FromKernel(group.LastStop));
        }
        else
        {
            // A thread that is born into a stop takes part in it.
            child.IsStopRequested = source.StopSignal != Signal.None;
        }

        child.RecalculateInterruptLocked();
    }

    private static bool Has(in CloneArguments arguments, CloneFlags flag) => (arguments.Flags & flag) != 0;
}
