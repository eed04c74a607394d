// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Ostd.Memory;
using Ostd.Sync;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Ipc;

/// <summary>
/// The channel behind a pipe or FIFO (man 7 pipe). One mutex guards the buffer and the counts; it is held across user copies, which is why it is a sleeping one. Waiting is done outside of it.
/// </summary>
internal sealed class Pipe(ISignalService signals) : IFifo
{
    /// <summary>Writes up to this many bytes are not interleaved with others (POSIX PIPE_BUF).</summary>
    private const int AtomicWriteBytes = 4096;

    // Sixteen pages (pipe(7), "Pipe capacity").
    private static int DefaultCapacityBytes => 16 * Paging.PageSizeBytes;

    /// <summary>What an unprivileged process may ask for: /proc/sys/fs/pipe-max-size.</summary>
    private const int MaximumUnprivilegedBytes = 1 << 20;

    private readonly Mutex _mutex = new();
    private readonly PollQueue _queue = new();
    private PipeBuffer _buffer = new(DefaultCapacityBytes);
    private int _readers;
    private int _writers;

    // Count every open ever made, so that a blocked opener sees a peer that came and went meanwhile (fifo(7)).
    private int _readerOpens;
    private int _writerOpens;

    // Made by pipe(2): opened again through /proc/pid/fd, it doesn't wait for a peer as a FIFO does.
    private bool _isAnonymous;

    public PollQueue Queue => _queue;

    public int CapacityBytes => _buffer.CapacityBytes;

    /// <summary>Bytes that can be read now (FIONREAD).</summary>
    public int Available => Volatile.Read(ref _buffer).Count;

    /// <summary>Opens both ends at once, for pipe(2).</summary>
    public (OpenFile Reader, OpenFile Writer) OpenBoth(Inode inode, OpenFlags flags)
    {
        _readers = _writers = _readerOpens = _writerOpens = 1;
        _isAnonymous = true;
        inode.Fifo = this;
        return (new PipeFile(this, inode, flags | OpenFlags.O_RDONLY), new PipeFile(this, inode, flags | OpenFlags.O_WRONLY));
    }

    public Result<OpenFile> Open(Inode inode, OpenFlags flags, IThread thread)
    {
        var access = flags & OpenFlags.O_ACCMODE;
        var nonBlocking = (flags & OpenFlags.O_NONBLOCK) != 0;
        var reads = access is OpenFlags.O_RDONLY or OpenFlags.O_RDWR;
        var writes = access is OpenFlags.O_WRONLY or OpenFlags.O_RDWR;
        int seenReaderOpens, seenWriterOpens;
        bool alone;
        using (_mutex.Acquire())
        {
            if (writes && !reads && nonBlocking && _readers == 0 && !_isAnonymous)
            {
                return Errno.ENXIO;
            }

            _readers += reads ? 1 : 0;
            _writers += writes ? 1 : 0;
            _readerOpens += reads ? 1 : 0;
            _writerOpens += writes ? 1 : 0;
            seenReaderOpens = _readerOpens;
            seenWriterOpens = _writerOpens;
            alone = !_isAnonymous && reads != writes && (reads ? _writers : _readers) == 0;
        }

        _queue.Notify(PollEvents.None);
        var file = new PipeFile(this, inode, flags);
        if (alone && !nonBlocking)
        {
            var wait = reads
                ? _queue.Wait((Pipe: this, Seen: seenWriterOpens), static s => s.Pipe._writers > 0 || s.Pipe._writerOpens != s.Seen)
                : _queue.Wait((Pipe: this, Seen: seenReaderOpens), static s => s.Pipe._readers > 0 || s.Pipe._readerOpens != s.Seen);
            if (wait == WaitResult.Interrupted)
            {
                file.Release();
                return Errno.RestartIfHandlerAllows;
            }
        }

        return file;
    }

    public Result<int> Read(ref VmWriter destination, bool nonBlocking)
    {
        if (destination.Remaining == 0)
        {
            return 0;
        }

        while (true)
        {
            using (_mutex.Acquire())
            {
                if (_buffer.Count > 0)
                {
                    var copied = _buffer.Drain(ref destination);
                    if (copied == 0)
                    {
                        return Errno.EFAULT;
                    }

                    _queue.Notify(PollEvents.Writable);
                    return copied;
                }

                if (_writers == 0)
                {
                    return 0;
                }
            }

            if (nonBlocking)
            {
                return Errno.EAGAIN;
            }

            if (_queue.Wait(this, static p => p._buffer.Count > 0 || p._writers == 0) == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }
    }

    public Result<int> Write(ref VmReader source, bool nonBlocking)
    {
        var total = 0;
        var wanted = source.Remaining;
        if (wanted == 0)
        {
            return 0;
        }

        while (true)
        {
            using (_mutex.Acquire())
            {
                if (_readers == 0)
                {
                    break;
                }

                // A small write goes in whole or not at all; a large one takes the room there is.
                if (_buffer.Free >= (total == 0 && wanted <= AtomicWriteBytes ? wanted : 1))
                {
                    var copied = _buffer.Fill(ref source, int.MaxValue);
                    total += copied;
                    if (copied > 0)
                    {
                        _queue.Notify(PollEvents.Readable);
                    }

                    if (total == wanted)
                    {
                        return total;
                    }

                    if (source.HasFaulted)
                    {
                        return total > 0 ? total : Errno.EFAULT;
                    }

                    if (copied == 0)
                    {
                        return total > 0 ? total : Errno.ENOMEM;
                    }

                    continue;
                }
            }

            if (nonBlocking)
            {
                return total > 0 ? total : Errno.EAGAIN;
            }

            var needed = total == 0 && wanted <= AtomicWriteBytes ? wanted : 1;
            if (_queue.Wait((Pipe: this, Needed: needed), static s => s.Pipe._buffer.Free >= s.Needed || s.Pipe._readers == 0) == WaitResult.Interrupted)
            {
                return total > 0 ? total : Errno.RestartIfHandlerAllows;
            }
        }

        if (total > 0)
        {
            return total;
        }

        if (CurrentThread.OrNull is { } thread)
        {
            signals.SendToThread(thread, SignalInfo.FromKernel(Signal.SIGPIPE));
        }

        return Errno.EPIPE;
    }

    /// <summary>Readiness of an end, as pipe_poll of Linux tells it.</summary>
    public PollEvents GetReadiness(bool reads, bool writes)
    {
        var events = PollEvents.None;
        if (reads)
        {
            events |= _buffer.Count > 0 ? PollEvents.Readable : PollEvents.None;

            // No hang-up before a first writer has come (fifo opened with O_NONBLOCK).
            events |= _writers == 0 && _writerOpens > 0 ? PollEvents.POLLHUP : PollEvents.None;
        }

        if (writes)
        {
            events |= _buffer.Free >= AtomicWriteBytes ? PollEvents.Writable : PollEvents.None;
            events |= _readers == 0 ? PollEvents.POLLERR : PollEvents.None;
        }

        return events;
    }

    public void Close(bool reads, bool writes)
    {
        using (_mutex.Acquire())
        {
            _readers -= reads ? 1 : 0;
            _writers -= writes ? 1 : 0;
            if (_readers == 0 && _writers == 0)
            {
                // Bytes that nobody can read any more are gone, for a FIFO as well.
                _buffer.Clear();
            }
        }

        _queue.Notify(PollEvents.POLLHUP | PollEvents.POLLERR);
    }

    public Result<int> SetCapacity(long bytes, IThread thread)
    {
        if (bytes is <= 0 or > int.MaxValue / 2)
        {
            return Errno.EINVAL;
        }

        var capacity = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)System.Math.Max(bytes, Paging.PageSizeBytes));
        using var guard = _mutex.Acquire();
        if (capacity > MaximumUnprivilegedBytes && capacity > _buffer.CapacityBytes && !thread.Credentials.HasCapability(Capability.CAP_SYS_RESOURCE))
        {
            return Errno.EPERM;
        }

        if (capacity < _buffer.CapacityBytes - _buffer.Free)
        {
            return Errno.EBUSY;
        }

        _buffer.Resize(capacity);
        _queue.Notify(PollEvents.Writable);
        return capacity;
    }
}
