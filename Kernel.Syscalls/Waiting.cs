// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>wait4(2), waitid(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Waiting(IWaitService waits)
{
    [Syscall("wait4", Flags = "wait4(pid, status, options = WNOHANG | WUNTRACED | WCONTINUED | __WALL | __WCLONE | __WNOTHREAD, rusage);")]
    public Result<int> Wait4(SyscallContext context, int pid, UserPtr<int> status, WaitOptions options, UserPtr<ResourceUsage> usage)
    {
        const WaitOptions Allowed = WaitOptions.WNOHANG | WaitOptions.WUNTRACED | WaitOptions.WCONTINUED | WaitOptions.__WNOTHREAD | WaitOptions.__WCLONE | WaitOptions.__WALL;
        if ((options & ~Allowed) != 0)
            return Errno.EINVAL;

        // -INT_MIN is undefined.
        if (pid == int.MinValue)
            return Errno.ESRCH;
        var target = pid switch
        {
            -1 => WaitTarget.P_ALL,
            > 0 => WaitTarget.P_PID,
            _ => WaitTarget.P_PGID,
        };
        var id = pid switch
        {
            0 => context.Process.ProcessGroupId,
            < -1 => -pid,
            _ => pid,
        };
        if (!waits.Wait(context.Thread, target, id, options | WaitOptions.WEXITED).TryGet(out var outcome, out var error))
            return error;
        if (outcome.Pid == 0)
            return 0;
        if (!status.IsNull && (error = status.Write(outcome.WaitStatus)) != Errno.Success)
            return error;
        if (!usage.IsNull && (error = usage.Write(ResourceUsage.From(outcome.Usage))) != Errno.Success)
            return error;
        return outcome.Pid;
    }

    [Syscall("waitid", Flags = "waitid(which = P_ALL | P_PID | P_PGID, pid, info, options = WNOHANG | WSTOPPED | WEXITED | WCONTINUED | WNOWAIT | __WALL | __WCLONE | __WNOTHREAD, rusage);")]
    public Errno WaitId(SyscallContext context, int which, int id, ulong info, WaitOptions options, UserPtr<ResourceUsage> usage)
    {
        const WaitOptions States = WaitOptions.WEXITED | WaitOptions.WSTOPPED | WaitOptions.WCONTINUED;
        const WaitOptions Allowed = States | WaitOptions.WNOHANG | WaitOptions.WNOWAIT | WaitOptions.__WNOTHREAD | WaitOptions.__WCLONE | WaitOptions.__WALL;
        if ((options & ~Allowed) != 0 || (options & States) == 0)
            return Errno.EINVAL;
        switch ((WaitTarget)which)
        {
            case WaitTarget.P_ALL:
                break;
            case WaitTarget.P_PID when id > 0:
                break;
            case WaitTarget.P_PGID when id >= 0:
                id = id == 0 ? context.Process.ProcessGroupId : id;
                break;
            case WaitTarget.P_PIDFD when id >= 0:
                // There are no pidfds, so that no descriptor is one.
                return Errno.EBADF;
            default:
                return Errno.EINVAL;
        }

        if (!waits.Wait(context.Thread, (WaitTarget)which, id, options).TryGet(out var outcome, out var error))
            return error;
        if (outcome.Pid != 0 && !usage.IsNull && (error = usage.Write(ResourceUsage.From(outcome.Usage))) != Errno.Success)
            return error;
        return info == 0 ? Errno.Success : WriteInfo(info, outcome);
    }

    /// <summary>Writes the fields that waitid(2) names, and no others: the rest of the caller's siginfo stays.</summary>
    private static Errno WriteInfo(ulong address, in WaitOutcome outcome)
    {
        var isNone = outcome.Pid == 0;
        System.Span<byte> bytes = stackalloc byte[SignalInfoLayout.SizeBytes];
        if (isNone)
            bytes.Clear();
        else
            SignalInfoLayout.Write(bytes, new SignalInfo(Signal.SIGCHLD, outcome.Code, outcome.Pid, outcome.Uid, (uint)outcome.Status));
        const int LengthWithStatus = 28;
        var writer = VmWriter.FromUser(address, LengthWithStatus);
        return writer.Write(bytes[..LengthWithStatus]) == LengthWithStatus ? Errno.Success : Errno.EFAULT;
    }
}
