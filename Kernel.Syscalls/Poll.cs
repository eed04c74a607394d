// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary>poll(2), ppoll(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Poll
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly PollSetPool _pool = new();

    /// <summary><c>struct pollfd</c>.</summary>
    private readonly record struct PollFd(int Descriptor, ushort Events, ushort Ready);

    /// <summary>Waits for events on descriptors, for so many milliseconds.</summary>
    /// <returns>EFAULT; EINTR; EINVAL for more entries than RLIMIT_NOFILE.</returns>
    [Syscall("poll", Flags = "poll(fds, nfds, timeout);")]
    public SyscallResult WaitMilliseconds(SyscallContext context, UserAddress entries, uint count, int timeoutMs)
        => Wait(in context, entries, count, timeoutMs < 0 ? WaitQueue.Forever : Deadline.After(timeoutMs * NanosecondsPerMillisecond));

    /// <summary>Waits with a signal mask of its own; the time left is written back.</summary>
    /// <returns>EFAULT; EINTR; EINVAL.</returns>
    [Syscall("ppoll", Flags = "ppoll(fds, nfds, tmo_p, sigmask, sigsetsize);")]
    public SyscallResult WaitWithMask(SyscallContext context, UserAddress entries, uint count, UserPtr<TimeSpec> timeout, UserPtr<ulong> mask, ulong maskSize)
    {
        var deadlineNs = WaitQueue.Forever;
        if (!timeout.IsNull)
        {
            if (!timeout.Read().TryGet(out var duration, out var error))
            {
                return error;
            }

            if (!duration.IsValidDuration)
            {
                return Errno.EINVAL;
            }

            deadlineNs = Deadline.After(duration.ToNanoseconds());
        }

        var maskError = TemporaryMask.Apply(in context, mask, maskSize);
        if (maskError != Errno.Success)
        {
            return maskError;
        }

        var result = Wait(in context, entries, count, deadlineNs);
        if (!timeout.IsNull && deadlineNs != WaitQueue.Forever)
        {
            // Linux does not fail for a time-out that it cannot write back.
            _ = timeout.Write(TimeSpec.FromNanoseconds(Math.Max(0, deadlineNs - Clock.MonotonicNs)));
        }

        return result;
    }

    private SyscallResult Wait(in SyscallContext context, UserAddress entries, uint count, long deadlineNs)
    {
        if (count > context.Process.Limits.Soft(ResourceKind.OpenFiles))
        {
            return Errno.EINVAL;
        }

        var set = _pool.Rent();
        var result = WaitWith(set, in context, new UserPtr<PollFd>(entries.Value), (int)count, deadlineNs);
        _pool.Return(set);
        return result;
    }

    private static SyscallResult WaitWith(PollSet set, in SyscallContext context, UserPtr<PollFd> entries, int count, long deadlineNs)
    {
        var files = context.Thread.Files;
        for (var index = 0; index < count; index++)
        {
            if (!entries[index].Read().TryGet(out var entry, out var error))
            {
                return error;
            }

            var file = entry.Descriptor < 0 ? null : files.Get(entry.Descriptor);
            set.Add(file, (PollEvents)entry.Events, file is null && entry.Descriptor >= 0 ? PollEvents.POLLNVAL : PollEvents.None);
        }

        var wait = set.Wait(deadlineNs, out var readyCount);
        if (wait == WaitResult.Interrupted)
        {
            return Errno.RestartWithoutHandler;
        }

        for (var index = 0; index < count; index++)
        {
            // Only revents is written: a program may change the rest meanwhile.
            var ready = new UserPtr<ushort>(entries[index].Address + 6);
            if (ready.Write((ushort)set.Ready(index)) != Errno.Success)
            {
                return Errno.EFAULT;
            }
        }

        return readyCount;
    }
}
