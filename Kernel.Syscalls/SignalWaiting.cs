// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary>rt_sigprocmask(2), rt_sigpending(2), rt_sigsuspend(2), rt_sigtimedwait(2), pause(2), restart_syscall(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SignalWaiting
{
    private const ulong SetSizeBytes = 8;
    private const int SIG_BLOCK = 0;
    private const int SIG_UNBLOCK = 1;
    private const int SIG_SETMASK = 2;

    [Syscall("rt_sigprocmask", Flags = "rt_sigprocmask(how = SIG_BLOCK | SIG_UNBLOCK | SIG_SETMASK, set, oldset, sigsetsize);")]
    public Errno SigProcMask(SyscallContext context, int how, UserPtr<ulong> set, UserPtr<ulong> oldSet, ulong setSize)
    {
        if (setSize != SetSizeBytes)
            return Errno.EINVAL;
        var signals = context.Thread.Signals;
        var old = signals.Blocked;
        if (!set.IsNull)
        {
            if (!set.Read().TryGet(out var bits, out var error))
                return error;
            var wanted = new SignalSet(bits);
            switch (how)
            {
                case SIG_BLOCK:
                    signals.Blocked = old | wanted;
                    break;
                case SIG_UNBLOCK:
                    signals.Blocked = old & ~wanted;
                    break;
                case SIG_SETMASK:
                    signals.Blocked = wanted;
                    break;
                default:
                    return Errno.EINVAL;
            }
        }

        return oldSet.IsNull ? Errno.Success : oldSet.Write(old.Bits);
    }

    [Syscall("rt_sigpending")]
    public Errno SigPending(SyscallContext context, UserPtr<ulong> set, ulong setSize)
    {
        if (setSize > SetSizeBytes)
            return Errno.EINVAL;
        var signals = context.Thread.Signals;
        Span<byte> bytes = stackalloc byte[(int)SetSizeBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(bytes, (signals.Pending & signals.Blocked).Bits);
        var writer = VmWriter.FromUser(set.Address, (int)setSize);
        return writer.Write(bytes[..(int)setSize]) == (int)setSize ? Errno.Success : Errno.EFAULT;
    }

    [Syscall("rt_sigsuspend")]
    public Errno SigSuspend(SyscallContext context, UserPtr<ulong> set, ulong setSize)
    {
        if (setSize != SetSizeBytes)
            return Errno.EINVAL;
        if (!set.Read().TryGet(out var bits, out var error))
            return error;
        context.Thread.Signals.BlockTemporarily(new SignalSet(bits));
        return Pause(context);
    }

    [Syscall("pause")]
    public Errno Pause(SyscallContext context)
    {
        // Nothing makes the condition true: only a signal ends the wait.
        new WaitQueue().WaitInterruptible(0, static _ => false);
        return Errno.RestartWithoutHandler;
    }

    [Syscall("rt_sigtimedwait")]
    public Result<int> SigTimedWait(SyscallContext context, UserPtr<ulong> set, ulong info, UserPtr<TimeSpec> timeout, ulong setSize)
    {
        if (setSize != SetSizeBytes)
            return Errno.EINVAL;
        if (!set.Read().TryGet(out var bits, out var error))
            return error;
        var deadline = WaitQueue.Forever;
        if (!timeout.IsNull)
        {
            if (!timeout.Read().TryGet(out var duration, out error))
                return error;
            if (!duration.IsValidDuration)
                return Errno.EINVAL;
            deadline = Deadline.After(duration.ToNanoseconds());
        }

        var wanted = new SignalSet(bits) & ~SignalSet.Unblockable;
        var signals = context.Thread.Signals;
        while (true)
        {
            if (signals.TryDequeue(wanted, out var signal))
                return Report(info, signal);
            var result = signals.Arrivals.Wait((signals, wanted), static s => !(s.signals.Pending & s.wanted).IsEmpty, deadline);
            if (result == WaitResult.TimedOut)
                return Errno.EAGAIN;
            if (result == WaitResult.Interrupted)
                return signals.TryDequeue(wanted, out signal) ? Report(info, signal) : Errno.EINTR;
        }
    }

    [Syscall("restart_syscall")]
    public SyscallResult Restart(SyscallContext context)
    {
        if (context.Thread.RestartBlock is not { } block)
            return Errno.EINTR;
        context.Thread.RestartBlock = null;
        return block.Resume(context);
    }

    private static Result<int> Report(ulong address, in SignalInfo info)
    {
        if (address != 0)
        {
            Span<byte> bytes = stackalloc byte[SignalInfoLayout.SizeBytes];
            SignalInfoLayout.Write(bytes, info);
            var writer = VmWriter.FromUser(address, bytes.Length);
            if (writer.Write(bytes) != bytes.Length)
                return Errno.EFAULT;
        }

        return (int)info.Signal;
    }
}
