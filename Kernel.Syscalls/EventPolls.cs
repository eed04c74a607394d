// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Cpus;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Syscalls;

/// <summary>epoll_create(2), epoll_ctl(2), epoll_wait(2).</summary>
[Component(Stage = InitStage.Late, IsOptional = true)]
public sealed class EventPolls(IEventFiles events)
{
    private const long NanosecondsPerMillisecond = 1_000_000;

    /// <summary>struct epoll_event is packed on x86-64 alone.</summary>
    private static readonly bool s_isPacked = Cpu.MachineName == "x86_64";

    // The sink of the last call, for the next one: a thread that finds it taken makes another.
    private UserSink? _spareSink;

    private static int EventBytes => s_isPacked ? 12 : 16;

    private static int DataOffset => s_isPacked ? 4 : 8;

    /// <summary>Makes an instance; the size is only checked for sense.</summary>
    /// <returns>EINVAL; EMFILE.</returns>
    [Syscall("epoll_create", Flags = "epoll_create(size);")]
    public SyscallResult Create(SyscallContext context, int size) => size <= 0 ? Errno.EINVAL : Create1(context, 0);

    /// <summary>Makes an instance.</summary>
    /// <returns>EINVAL; EMFILE.</returns>
    [Syscall("epoll_create1", Flags = "epoll_create1(flags = EPOLL_CLOEXEC);")]
    public SyscallResult Create1(SyscallContext context, int flags)
        => (flags & ~(int)OpenFlags.O_CLOEXEC) != 0 ? Errno.EINVAL : EventDescriptors.Install(in context, events.CreateEventPoll(context.Thread), (OpenFlags)flags);

    /// <summary>Adds, changes or removes a file.</summary>
    /// <returns>EFAULT; EBADF; EPERM for files that cannot be waited for; EINVAL; EEXIST; ENOENT; ELOOP.</returns>
    [Syscall("epoll_ctl", Flags = "epoll_ctl(epfd, op = EPOLL_CTL_ADD | EPOLL_CTL_DEL | EPOLL_CTL_MOD, fd, event);")]
    public Errno Control(SyscallContext context, FileDescriptor instance, int operation, FileDescriptor target, UserAddress argument)
    {
        uint wanted = 0;
        ulong data = 0;
        if ((EventPollOperation)operation != EventPollOperation.Delete)
        {
            Span<byte> buffer = stackalloc byte[16];
            buffer = buffer[..EventBytes];
            var reader = argument.Reader(buffer.Length);
            if (reader.Read(buffer) < buffer.Length)
            {
                return Errno.EFAULT;
            }

            wanted = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
            data = BinaryPrimitives.ReadUInt64LittleEndian(buffer[DataOffset..]);
        }

        var files = context.Thread.Files;
        if (files.Get(instance.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = Errno.EBADF;
        if (files.Get(target.Number) is { } targetFile)
        {
            error = Control(file, targetFile, (EventPollOperation)operation, target.Number, wanted, data);
            targetFile.Release();
        }

        file.Release();
        return error;
    }

    private static Errno Control(OpenFile file, OpenFile target, EventPollOperation operation, int descriptor, uint wanted, ulong data)
    {
        // Regular files and directories are always ready and have nobody to tell (man 2 epoll_ctl, EPERM).
        if (target.Inode.Type is InodeType.Regular or InodeType.Directory or InodeType.BlockDevice)
        {
            return Errno.EPERM;
        }

        if (ReferenceEquals(file, target) || file is not IEventPoll poll)
        {
            return Errno.EINVAL;
        }

        return operation is EventPollOperation.Add or EventPollOperation.Delete or EventPollOperation.Modify
            ? poll.Control(operation, target, descriptor, wanted, data)
            : Errno.EINVAL;
    }

    /// <summary>Waits for events, for so many milliseconds.</summary>
    /// <returns>EBADF; EFAULT; EINTR; EINVAL.</returns>
    [Syscall("epoll_wait", Flags = "epoll_wait(epfd, events, maxevents, timeout);")]
    public SyscallResult Wait(SyscallContext context, FileDescriptor instance, UserAddress buffer, int maxEvents, int timeoutMs)
        => Wait(in context, instance, buffer, maxEvents, timeoutMs < 0 ? WaitQueue.Forever : Deadline.After(timeoutMs * NanosecondsPerMillisecond));

    /// <summary>As epoll_wait, with a signal mask of its own.</summary>
    /// <returns>EBADF; EFAULT; EINTR; EINVAL.</returns>
    [Syscall("epoll_pwait", Flags = "epoll_pwait(epfd, events, maxevents, timeout, sigmask, sigsetsize);")]
    public SyscallResult WaitWithMask(SyscallContext context, FileDescriptor instance, UserAddress buffer, int maxEvents, int timeoutMs, UserPtr<ulong> mask, ulong maskSize)
    {
        var error = TemporaryMask.Apply(in context, mask, maskSize);
        return error != Errno.Success ? error : Wait(context, instance, buffer, maxEvents, timeoutMs);
    }

    /// <summary>As epoll_pwait, with a time-out in nanoseconds.</summary>
    /// <returns>EBADF; EFAULT; EINTR; EINVAL.</returns>
    [Syscall("epoll_pwait2", Flags = "epoll_pwait2(epfd, events, maxevents, timeout, sigmask, sigsetsize);")]
    public SyscallResult WaitWithMask2(SyscallContext context, FileDescriptor instance, UserAddress buffer, int maxEvents, UserPtr<TimeSpec> timeout, UserPtr<ulong> mask, ulong maskSize)
    {
        var deadlineNs = WaitQueue.Forever;
        if (!timeout.IsNull)
        {
            if (!timeout.Read().TryGet(out var duration, out var fault))
            {
                return fault;
            }

            if (!duration.IsValidDuration)
            {
                return Errno.EINVAL;
            }

            deadlineNs = Deadline.After(duration.ToNanoseconds());
        }

        var error = TemporaryMask.Apply(in context, mask, maskSize);
        return error != Errno.Success ? error : Wait(in context, instance, buffer, maxEvents, deadlineNs);
    }

    private SyscallResult Wait(in SyscallContext context, FileDescriptor instance, UserAddress buffer, int maxEvents, long deadlineNs)
    {
        if (maxEvents <= 0 || maxEvents > int.MaxValue / EventBytes)
        {
            return Errno.EINVAL;
        }

        if (buffer.Value >= Paging.UserSpaceEnd || Paging.UserSpaceEnd - buffer.Value < (ulong)maxEvents * (ulong)EventBytes)
        {
            return Errno.EFAULT;
        }

        if (context.Thread.Files.Get(instance.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result = Errno.EINVAL;
        if (file is IEventPoll poll)
        {
            var sink = Interlocked.Exchange(ref _spareSink, null) ?? new UserSink();
            sink.Address = buffer.Value;
            result = poll.Wait(sink, maxEvents, deadlineNs);
            Volatile.Write(ref _spareSink, sink);
        }

        file.Release();
        return result;
    }

    /// <summary>Writes events to the program.</summary>
    private sealed class UserSink : IEventPollSink
    {
        /// <summary>Where the next event goes.</summary>
        public ulong Address { get; set; }

        public bool Add(PollEvents events, ulong data)
        {
            Span<byte> buffer = stackalloc byte[16];
            buffer = buffer[..EventBytes];
            buffer.Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(buffer, (uint)events);
            BinaryPrimitives.WriteUInt64LittleEndian(buffer[DataOffset..], data);
            var writer = VmWriter.FromUser(Address, buffer.Length);
            if (writer.Write(buffer) < buffer.Length)
            {
                return false;
            }

            Address += (ulong)buffer.Length;
            return true;
        }
    }
}
