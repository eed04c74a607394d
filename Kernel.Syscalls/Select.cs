// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Syscalls;

/// <summary>select(2), pselect6(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Select
{
    // What each of the three sets stands for (man 2 select, "Correspondence between select() and poll() notifications").
    private const PollEvents ReadEvents = PollEvents.POLLRDNORM | PollEvents.POLLRDBAND | PollEvents.POLLIN | PollEvents.POLLHUP | PollEvents.POLLERR;
    private const PollEvents WriteEvents = PollEvents.POLLWRBAND | PollEvents.POLLWRNORM | PollEvents.POLLOUT | PollEvents.POLLERR;
    private const PollEvents ExceptionalEvents = PollEvents.POLLPRI;

    /// <summary>Sets of up to this many descriptors stay on the stack.</summary>
    private const int SmallSetDescriptors = 1024;

    private readonly PollSetPool _pool = new();

    /// <summary>Waits for descriptors; the time left is written back.</summary>
    /// <returns>EBADF; EFAULT; EINTR; EINVAL.</returns>
    [Syscall("select", Flags = "select(nfds, readfds, writefds, exceptfds, timeout);")]
    public SyscallResult SelectTimeVal(SyscallContext context, int count, UserAddress readable, UserAddress writable, UserAddress exceptional, UserPtr<TimeVal> timeout)
    {
        if (timeout.IsNull)
        {
            return Wait(in context, count, readable, writable, exceptional, WaitQueue.Forever);
        }

        if (!timeout.Read().TryGet(out var duration, out var error))
        {
            return error;
        }

        // Linux carries microseconds of a second and more over, and refuses negative parts only.
        if (duration.Seconds < 0 || duration.Microseconds < 0)
        {
            return Errno.EINVAL;
        }

        var carried = new TimeVal(duration.Seconds + duration.Microseconds / 1_000_000, duration.Microseconds % 1_000_000);
        var deadlineNs = Deadline.After(carried.ToNanoseconds());
        var result = Wait(in context, count, readable, writable, exceptional, deadlineNs);
        if (deadlineNs != WaitQueue.Forever)
        {
            _ = timeout.Write(TimeVal.FromNanoseconds(Math.Max(0, deadlineNs - Clock.MonotonicNs)));
        }

        return result;
    }

    /// <summary>As select, with nanoseconds and a signal mask; the last argument points to the mask's address and size.</summary>
    /// <returns>EBADF; EFAULT; EINTR; EINVAL.</returns>
    [Syscall("pselect6", Flags = "pselect6(nfds, readfds, writefds, exceptfds, timeout, sigmask);")]
    public SyscallResult SelectTimeSpec(SyscallContext context, int count, UserAddress readable, UserAddress writable, UserAddress exceptional, UserPtr<TimeSpec> timeout, UserPtr<MaskArgument> mask)
    {
        MaskArgument maskArgument = default;
        if (!mask.IsNull && !mask.Read().TryGet(out maskArgument, out var error))
        {
            return error;
        }

        var deadlineNs = WaitQueue.Forever;
        if (!timeout.IsNull)
        {
            if (!timeout.Read().TryGet(out var duration, out error))
            {
                return error;
            }

            if (!duration.IsValidDuration)
            {
                return Errno.EINVAL;
            }

            deadlineNs = Deadline.After(duration.ToNanoseconds());
        }

        error = TemporaryMask.Apply(in context, new UserPtr<ulong>(maskArgument.Address), maskArgument.Size);
        if (error != Errno.Success)
        {
            return error;
        }

        var result = Wait(in context, count, readable, writable, exceptional, deadlineNs);
        if (deadlineNs != WaitQueue.Forever)
        {
            _ = timeout.Write(TimeSpec.FromNanoseconds(Math.Max(0, deadlineNs - Clock.MonotonicNs)));
        }

        return result;
    }

    private SyscallResult Wait(in SyscallContext context, int count, UserAddress readable, UserAddress writable, UserAddress exceptional, long deadlineNs)
    {
        if (count < 0)
        {
            return Errno.EINVAL;
        }

        // Descriptors above the limit cannot be open, and Linux ignores bits above its table.
        count = (int)Math.Min((ulong)count, Math.Max(context.Process.Limits.Soft(ResourceKind.OpenFiles), SmallSetDescriptors));
        var length = (count + 63) / 64 * sizeof(ulong);
        Span<byte> sets = count <= SmallSetDescriptors ? stackalloc byte[3 * SmallSetDescriptors / 8] : new byte[3 * length];
        sets = sets[..(3 * length)];
        var error = ReadSet(readable, sets[..length]);
        error = error == Errno.Success ? ReadSet(writable, sets.Slice(length, length)) : error;
        error = error == Errno.Success ? ReadSet(exceptional, sets.Slice(2 * length, length)) : error;
        if (error != Errno.Success)
        {
            return error;
        }

        var pollSet = _pool.Rent();
        var result = WaitWith(pollSet, in context, count, sets, length, deadlineNs);
        _pool.Return(pollSet);
        if (result.Register < 0)
        {
            return result;
        }

        error = WriteSet(readable, sets[..length]);
        error = error == Errno.Success ? WriteSet(writable, sets.Slice(length, length)) : error;
        error = error == Errno.Success ? WriteSet(exceptional, sets.Slice(2 * length, length)) : error;
        return error == Errno.Success ? result : error;
    }

    /// <summary>Waits, and replaces the sets by what is ready.</summary>
    private static SyscallResult WaitWith(PollSet pollSet, in SyscallContext context, int count, Span<byte> sets, int length, long deadlineNs)
    {
        var files = context.Thread.Files;
        for (var descriptor = 0; descriptor < count; descriptor++)
        {
            var wanted = Wanted(sets, length, descriptor);
            if (wanted == PollEvents.None)
            {
                continue;
            }

            if (files.Get(descriptor) is not { } file)
            {
                return Errno.EBADF;
            }

            pollSet.Add(file, wanted);
        }

        if (pollSet.Wait(deadlineNs, out _) == WaitResult.Interrupted)
        {
            return Errno.RestartWithoutHandler;
        }

        var total = 0;
        var entry = 0;
        for (var descriptor = 0; descriptor < count; descriptor++)
        {
            if (Wanted(sets, length, descriptor) == PollEvents.None)
            {
                continue;
            }

            var ready = pollSet.Ready(entry++);
            total += Keep(sets[..length], descriptor, (ready & ReadEvents) != 0);
            total += Keep(sets.Slice(length, length), descriptor, (ready & WriteEvents) != 0);
            total += Keep(sets.Slice(2 * length, length), descriptor, (ready & ExceptionalEvents) != 0);
        }

        return total;
    }

    private static PollEvents Wanted(ReadOnlySpan<byte> sets, int length, int descriptor)
        => (IsSet(sets, descriptor) ? ReadEvents : PollEvents.None)
        | (IsSet(sets[length..], descriptor) ? WriteEvents : PollEvents.None)
        | (IsSet(sets[(2 * length)..], descriptor) ? ExceptionalEvents : PollEvents.None);

    private static bool IsSet(ReadOnlySpan<byte> set, int descriptor) => (set[descriptor >> 3] >> (descriptor & 7) & 1) != 0;

    /// <summary>Clears the bit unless ready; counts the bits that stay.</summary>
    private static int Keep(Span<byte> set, int descriptor, bool isReady)
    {
        if (!IsSet(set, descriptor))
        {
            return 0;
        }

        if (isReady)
        {
            return 1;
        }

        set[descriptor >> 3] &= (byte)~(1 << (descriptor & 7));
        return 0;
    }

    private static Errno ReadSet(UserAddress address, Span<byte> set)
    {
        if (address.IsNull)
        {
            set.Clear();
            return Errno.Success;
        }

        var reader = address.Reader(set.Length);
        return reader.Read(set) == set.Length ? Errno.Success : Errno.EFAULT;
    }

    private static Errno WriteSet(UserAddress address, ReadOnlySpan<byte> set)
    {
        if (address.IsNull)
        {
            return Errno.Success;
        }

        var writer = address.Writer(set.Length);
        return writer.Write(set) == set.Length ? Errno.Success : Errno.EFAULT;
    }
}

/// <summary>What the last argument of pselect6(2) points to.</summary>
public readonly record struct MaskArgument(ulong Address, ulong Size);
