// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Sockets;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Ipc.Sockets;

/// <summary>
/// One direction of a connection, or the receive queue of a datagram socket: bytes in a ring of frames, and records beside them. In a stream a record marks the byte that ancillary data came with;
/// otherwise every message has one, which holds its length. The mutex is held across user copies.
/// </summary>
internal sealed class UnixChannel(bool keepsBoundaries)
{
    /// <summary>Linux's default of net.core.wmem_default, in bytes.</summary>
    public const int DefaultCapacityBytes = 212992;

    /// <summary>Messages that a datagram socket queues: net.unix.max_dgram_qlen.</summary>
    private const int MaximumMessages = 11;

    private readonly Mutex _mutex = new();
    private readonly PipeBuffer _buffer = new(DefaultCapacityBytes);
    private readonly Queue<Record> _records = new();
    private long _written;
    private long _read;

    /// <summary>Wakes readers and writers of this direction.</summary>
    public PollQueue Queue { get; } = new();

    /// <summary>Nothing will be written any more.</summary>
    public bool IsWriterClosed { get; private set; }

    /// <summary>Nothing will be read any more: writing is EPIPE.</summary>
    public bool IsReaderClosed { get; private set; }

    /// <summary>The reader went away with bytes unread: the writer sees ECONNRESET.</summary>
    public bool WasReset { get; private set; }

    public bool HasData => keepsBoundaries ? _records.Count > 0 : _buffer.Count > 0;

    /// <summary>Bytes that FIONREAD tells: of the next message, or of the stream.</summary>
    public int Available
    {
        get
        {
            using var guard = _mutex.Acquire();
            return !keepsBoundaries ? _buffer.Count : _records.TryPeek(out var first) ? first.Length : 0;
        }
    }

    public bool IsWritable => keepsBoundaries ? _records.Count < MaximumMessages : _buffer.Free >= DefaultCapacityBytes / 4;

    private bool CanTake(int length) => keepsBoundaries ? _records.Count < MaximumMessages && _buffer.Free >= length : _buffer.Free > 0;

    /// <summary>Adds bytes: the whole message, or as much of the stream as fits now.</summary>
    /// <returns>Bytes taken; EAGAIN when nothing fits, EPIPE, EMSGSIZE, EFAULT.</returns>
    public Result<int> TrySend(ref VmReader data, byte[] sender, AncillaryData? ancillary)
    {
        var length = data.Remaining;
        using var guard = _mutex.Acquire();
        if (IsReaderClosed || IsWriterClosed)
        {
            return Errno.EPIPE;
        }

        if (keepsBoundaries && length > DefaultCapacityBytes - Paging.PageSizeBytes)
        {
            return Errno.EMSGSIZE;
        }

        if (!CanTake(length))
        {
            return Errno.EAGAIN;
        }

        var copied = _buffer.Fill(ref data, int.MaxValue);
        if (keepsBoundaries ? copied < length : copied == 0 && length > 0)
        {
            _buffer.TakeBack(copied);
            return data.HasFaulted ? Errno.EFAULT : Errno.ENOMEM;
        }

        if (keepsBoundaries || ancillary is not null)
        {
            _records.Enqueue(new Record(_written, copied, sender, ancillary));
        }

        _written += copied;
        Queue.Notify(PollEvents.Readable);
        return copied;
    }

    /// <summary>Sleeps until <see cref="TrySend"/> is worth a try.</summary>
    public WaitResult WaitForRoom(int length, long deadlineNs)
        => Queue.Wait((Channel: this, Length: length), static s => s.Channel.CanTake(s.Length) || s.Channel.IsReaderClosed || s.Channel.IsWriterClosed, deadlineNs);

    /// <summary>Takes a message, or bytes of the stream up to the next ancillary data.</summary>
    /// <returns>EAGAIN when there is nothing and the writer is still there; length 0 at the end.</returns>
    public Result<ReceivedMessage> TryReceive(ref VmWriter data, MessageFlags flags, scoped Span<byte> address)
    {
        using var guard = _mutex.Acquire();
        var peeks = (flags & MessageFlags.MSG_PEEK) != 0;
        if (!HasData)
        {
            return IsWriterClosed || IsReaderClosed ? default(ReceivedMessage) : Errno.EAGAIN;
        }

        return keepsBoundaries ? ReceiveMessageLocked(ref data, flags, peeks, address) : ReceiveStreamLocked(ref data, peeks);
    }

    /// <summary>Sleeps until <see cref="TryReceive"/> has something to say.</summary>
    public WaitResult WaitForData(long deadlineNs)
        => Queue.Wait(this, static channel => channel.HasData || channel.IsWriterClosed || channel.IsReaderClosed, deadlineNs);

    public void CloseWriter()
    {
        using (_mutex.Acquire())
        {
            IsWriterClosed = true;
        }

        Queue.Notify(PollEvents.Readable | PollEvents.POLLHUP | PollEvents.POLLRDHUP);
    }

    /// <summary>Ends reading.</summary>
    /// <param name="discards">Null to keep what is queued; otherwise the socket is gone and what is queued with it.</param>
    public void CloseReader(UnixDiscards? discards)
    {
        List<OpenFile>? inFlight = null;
        using (_mutex.Acquire())
        {
            IsReaderClosed = true;
            if (discards is not null)
            {
                WasReset = HasData;
                while (_records.TryDequeue(out var record))
                {
                    if (record.Ancillary is { Files.Length: > 0 } ancillary)
                    {
                        (inFlight ??= []).AddRange(ancillary.Files);
                    }
                }

                _buffer.Clear();
            }
        }

        Queue.Notify(PollEvents.Writable | PollEvents.POLLHUP | PollEvents.POLLERR);
        if (inFlight is not null)
        {
            discards!.Release(inFlight);
        }
    }

    private Result<ReceivedMessage> ReceiveMessageLocked(ref VmWriter data, MessageFlags flags, bool peeks, scoped Span<byte> address)
    {
        var record = _records.Peek();
        var part = data;
        part.Limit(record.Length);
        var wanted = part.Remaining;
        var copied = _buffer.Peek(ref part);
        if (copied < wanted)
        {
            return Errno.EFAULT;
        }

        data.Skip(copied);
        record.Sender.AsSpan(0, Math.Min(record.Sender.Length, address.Length)).CopyTo(address);
        var isCut = copied < record.Length;
        var message = new ReceivedMessage
        {
            Length = isCut && (flags & MessageFlags.MSG_TRUNC) != 0 ? record.Length : copied,
            Flags = isCut ? MessageFlags.MSG_TRUNC : MessageFlags.None,
            AddressLength = record.Sender.Length,
        };
        if (peeks)
        {
            return message;
        }

        _buffer.Discard(record.Length);
        _records.Dequeue();
        _read += record.Length;
        message.Ancillary = record.Ancillary;
        Queue.Notify(PollEvents.Writable);
        return message;
    }

    private Result<ReceivedMessage> ReceiveStreamLocked(ref VmWriter data, bool peeks)
    {
        var message = default(ReceivedMessage);
        var limit = (long)_buffer.Count;
        var isAtRecord = _records.TryPeek(out var record) && record.Position == _read;
        // Bytes with ancillary data of their own wait for the next call.
        foreach (var next in _records)
        {
            if (next.Position > _read)
            {
                limit = next.Position - _read;
                break;
            }
        }

        var part = data;
        part.Limit((int)Math.Min(limit, int.MaxValue));
        var copied = peeks ? _buffer.Peek(ref part) : _buffer.Drain(ref part);
        if (copied == 0 && part.HasFaulted)
        {
            // Nothing was taken, so the ancillary data stays too. It could not be closed here: a file in it may be an end of this very channel.
            return Errno.EFAULT;
        }

        data.Skip(copied);
        message.Length = copied;
        if (!peeks)
        {
            if (isAtRecord)
            {
                message.Ancillary = record.Ancillary;
                _records.Dequeue();
            }

            _read += copied;
            Queue.Notify(PollEvents.Writable);
        }

        return message;
    }

    private readonly record struct Record(long Position, int Length, byte[] Sender, AncillaryData? Ancillary);
}
