// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Sync;

namespace Kernel.Syscalls;

/// <summary>futex(2), set_robust_list(2), get_robust_list(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Futexes(IFutexService futexes, ITimeKeeper time, IProcessTable processes)
{
    private const int FUTEX_WAIT = 0;
    private const int FUTEX_WAKE = 1;
    private const int FUTEX_REQUEUE = 3;
    private const int FUTEX_CMP_REQUEUE = 4;
    private const int FUTEX_WAKE_OP = 5;
    private const int FUTEX_WAIT_BITSET = 9;
    private const int FUTEX_WAKE_BITSET = 10;
    private const int FUTEX_PRIVATE_FLAG = 128;
    private const int FUTEX_CLOCK_REALTIME = 256;
    private const uint FUTEX_BITSET_MATCH_ANY = uint.MaxValue;
    private const ulong RobustListHeadSize = 24;

    [Syscall("futex", Flags = """
        op_flags = FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME;
        futex(uaddr, futex_op = FUTEX_WAIT | FUTEX_WAKE | FUTEX_REQUEUE | FUTEX_CMP_REQUEUE | FUTEX_WAKE_OP | FUTEX_WAIT_BITSET | FUTEX_WAKE_BITSET | <op_flags>, val, timeout, uaddr2, val3);
        """)]
    public SyscallResult Futex(SyscallContext context, ulong address, int operation, uint value, ulong timeoutOrCount, ulong target, uint value3)
    {
        bool isPrivate = (operation & FUTEX_PRIVATE_FLAG) != 0;
        bool usesRealTime = (operation & FUTEX_CLOCK_REALTIME) != 0;
        int command = operation & ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME);
        if (usesRealTime && command is not (FUTEX_WAIT or FUTEX_WAIT_BITSET))
        {
            return Errno.ENOSYS;
        }
        switch (command)
        {
            case FUTEX_WAIT:
                return Wait(context, address, value, FUTEX_BITSET_MATCH_ANY, isPrivate, timeoutOrCount, isAbsolute: false, usesRealTime);
            case FUTEX_WAIT_BITSET:
                return Wait(context, address, value, value3, isPrivate, timeoutOrCount, isAbsolute: true, usesRealTime);
            case FUTEX_WAKE:
                return futexes.Wake(address, WakeCount(value), FUTEX_BITSET_MATCH_ANY, isPrivate);
            case FUTEX_WAKE_BITSET:
                return futexes.Wake(address, WakeCount(value), value3, isPrivate);
            case FUTEX_REQUEUE:
                return futexes.Requeue(address, (int)value, (int)timeoutOrCount, target, null, isPrivate);
            case FUTEX_CMP_REQUEUE:
                return futexes.Requeue(address, (int)value, (int)timeoutOrCount, target, value3, isPrivate);
            case FUTEX_WAKE_OP:
                return futexes.WakeOperation(address, WakeCount(value), target, WakeCount((uint)timeoutOrCount), value3, isPrivate);
            default:
                return Errno.ENOSYS;
        }
    }

    [Syscall("set_robust_list")]
    public Errno SetRobustList(SyscallContext context, ulong head, ulong length)
    {
        if (length != RobustListHeadSize)
        {
            return Errno.EINVAL;
        }
        context.Thread.RobustListHead = head;
        return Errno.Success;
    }

    [Syscall("get_robust_list")]
    public Errno GetRobustList(SyscallContext context, int tid, UserPtr<ulong> head, UserPtr<ulong> length)
    {
        IThread? thread = tid == 0 ? context.Thread : processes.FindThread(tid);
        if (thread is null)
        {
            return Errno.ESRCH;
        }
        if (!ReferenceEquals(thread.Process, context.Process)
            && thread.Credentials.RealUid != context.Thread.Credentials.FileSystemUid
            && !context.Thread.Credentials.HasCapability(Capability.CAP_SYS_PTRACE))
        {
            return Errno.EPERM;
        }
        Errno error = length.Write(RobustListHeadSize);
        return error == Errno.Success ? head.Write(thread.RobustListHead) : error;
    }

    // Linux wakes one waiter where none are asked for.
    private static int WakeCount(uint value) => (int)value <= 0 ? 1 : (int)value;

    private SyscallResult Wait(
        SyscallContext context, ulong address, uint value, uint bitset, bool isPrivate, ulong timeout, bool isAbsolute, bool usesRealTime)
    {
        long deadlineNs = WaitQueue.Forever;
        if (timeout != 0)
        {
            if (!new UserPtr<TimeSpec>(timeout).Read().TryGet(out TimeSpec spec, out Errno error))
            {
                return error;
            }
            if (!spec.IsValidDuration)
            {
                return Errno.EINVAL;
            }
            long ns = spec.ToNanoseconds();
            deadlineNs = !isAbsolute ? Deadline.After(ns) : usesRealTime && ns != long.MaxValue ? ns - time.RealTimeOffsetNs : ns;
        }
        return Finish(context, futexes, address, value, bitset, isPrivate, deadlineNs);
    }

    private static SyscallResult Finish(in SyscallContext context, IFutexService futexes, ulong address, uint value, uint bitset, bool isPrivate, long deadlineNs)
    {
        Errno error = futexes.Wait(address, value, bitset, isPrivate, deadlineNs);
        if (error != Errno.EINTR)
        {
            return error;
        }
        if (deadlineNs == WaitQueue.Forever)
        {
            return Errno.RestartIfHandlerAllows;
        }
        context.Thread.RestartBlock = new WaitRestart(futexes, address, value, bitset, isPrivate, deadlineNs);
        return Errno.RestartThroughBlock;
    }

    // A wait with a time-out goes on until the deadline that it had at first.
    private sealed class WaitRestart(IFutexService futexes, ulong address, uint value, uint bitset, bool isPrivate, long deadlineNs) : RestartBlock
    {
        public override SyscallResult Resume(in SyscallContext context) => Finish(in context, futexes, address, value, bitset, isPrivate, deadlineNs);
    }
}
