// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Events;

/// <summary>Signals by read (man 2 signalfd). Whoever reads or polls sees the signals pending for itself, not for the creator.</summary>
internal sealed class SignalFd(Inode inode, OpenFlags flags, SignalSet mask) : OpenFile(inode, flags), ISignalFile
{
    /// <summary>sizeof(struct signalfd_siginfo).</summary>
    private const int RecordBytes = 128;

    private readonly Mutex _mutex = new();

    // An observer stays with the signals of the thread that registered it.
    private readonly List<(IPollObserver Observer, PollQueue Queue)> _registrations = [];
    private ulong _mask = (mask & ~SignalSet.Unblockable).Bits;

    public SignalSet Mask
    {
        get => new(System.Threading.Volatile.Read(ref _mask));
        set => System.Threading.Volatile.Write(ref _mask, (value & ~SignalSet.Unblockable).Bits);
    }

    public override Result<int> Read(ref VmWriter destination)
    {
        if (destination.Remaining < RecordBytes)
        {
            return Errno.EINVAL;
        }

        var signals = CurrentThread.Value.Signals;
        Span<byte> record = stackalloc byte[RecordBytes];
        var total = 0;
        while (destination.Remaining >= RecordBytes)
        {
            if (!signals.TryDequeue(Mask, out var info))
            {
                if (total > 0)
                {
                    break;
                }

                if (IsNonBlocking)
                {
                    return Errno.EAGAIN;
                }

                if (signals.Arrivals.Wait((Signals: signals, File: this), static s => !(s.Signals.Pending & s.File.Mask).IsEmpty) == WaitResult.Interrupted)
                {
                    return Errno.RestartIfHandlerAllows;
                }

                continue;
            }

            Encode(in info, record);
            if (destination.Write(record) < RecordBytes)
            {
                return total > 0 ? total : Errno.EFAULT;
            }

            total += RecordBytes;
        }

        return total;
    }

    public override PollEvents Poll(IPollObserver? observer)
    {
        var signals = CurrentThread.Value.Signals;
        if (observer is not null)
        {
            using var guard = _mutex.Acquire();
            _registrations.Add((observer, signals.Arrivals));
            signals.Arrivals.Register(observer);
        }

        return (signals.Pending & Mask).IsEmpty ? PollEvents.None : PollEvents.POLLIN;
    }

    public override void StopPolling(IPollObserver observer)
    {
        using var guard = _mutex.Acquire();
        for (var index = 0; index < _registrations.Count; index++)
        {
            if (ReferenceEquals(_registrations[index].Observer, observer))
            {
                _registrations[index].Queue.Unregister(observer);
                _registrations.RemoveAt(index);
                return;
            }
        }
    }

    private static void Encode(in SignalInfo info, Span<byte> record)
    {
        record.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(record, (int)info.Signal);
        BinaryPrimitives.WriteInt32LittleEndian(record[8..], info.Code);
        BinaryPrimitives.WriteInt32LittleEndian(record[12..], info.SenderPid);
        BinaryPrimitives.WriteUInt32LittleEndian(record[16..], info.SenderUid);
        switch (info.Signal)
        {
            case Signal.SIGCHLD when info.Code > 0:
                BinaryPrimitives.WriteInt32LittleEndian(record[40..], (int)info.Value);
                break;

            case Signal.SIGSEGV or Signal.SIGBUS or Signal.SIGILL or Signal.SIGFPE or Signal.SIGTRAP when info.Code > 0:
                BinaryPrimitives.WriteUInt64LittleEndian(record[72..], info.Value);
                break;

            default:
                BinaryPrimitives.WriteInt32LittleEndian(record[44..], (int)info.Value);
                BinaryPrimitives.WriteUInt64LittleEndian(record[48..], info.Value);
                break;
        }
    }
}
