// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Fs.DevPts;

/// <summary>The master side of a pseudo-terminal (man 4 ptmx): one open of /dev/ptmx.</summary>
internal sealed class PseudoTerminalMaster(Inode inode, OpenFlags flags, PseudoTerminal pair) : OpenFile(inode, flags)
{
    private const uint TIOCOUTQ = 0x5411;
    private const uint TIOCINQ = 0x541b;
    private const uint TIOCPKT = 0x5420;
    private const uint TIOCGPKT = 0x80045438;
    private const uint TIOCGPTN = 0x80045430;
    private const uint TIOCSPTLCK = 0x40045431;
    private const uint TIOCGPTLCK = 0x80045439;
    private const uint TIOCGPTPEER = 0x5441;
    private const uint TIOCSIG = 0x40045436;
    private const uint TCSBRK = 0x5409;
    private const uint TCFLSH = 0x540b;

    private const int ChunkBytes = 512;

    /// <summary>Held while output is taken, so that what one read gives is of one piece; never across a wait for output.</summary>
    private readonly Mutex _readMutex = new();

    public override Result<int> Read(ref VmWriter destination)
    {
        if (destination.Remaining == 0)
        {
            return 0;
        }

        while (true)
        {
            var prefix = 0;
            if (pair.IsPacketMode)
            {
                var events = pair.TakePacketEvents();
                if (events != PacketEvents.Data)
                {
                    return destination.TryWrite((byte)events) ? 1 : Errno.EFAULT;
                }

                prefix = 1;
            }

            if (pair.PendingOutput > 0)
            {
                // 0 would be the end of the file: another reader was faster, or the slave threw its output away.
                var data = ReadData(ref destination, prefix);
                if (data.IsError || data.Value > 0)
                {
                    return data;
                }

                continue;
            }

            if (pair.IsSlaveGone)
            {
                return Errno.EIO;
            }

            if (IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            if (pair.Queue.Wait(pair, static p => (p.MasterReadiness & (PollEvents.Readable | PollEvents.POLLHUP)) != 0) == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }
    }

    public override Result<int> Write(ref VmReader source)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        var total = 0;
        while (source.Remaining > 0)
        {
            var staged = source.Read(chunk[..Math.Min(chunk.Length, source.Remaining)]);
            if (staged == 0)
            {
                return total > 0 ? total : Errno.EFAULT;
            }

            var done = 0;
            while (true)
            {
                done += pair.PutInput(chunk[done..staged]);
                if (done == staged)
                {
                    break;
                }

                if (IsNonBlocking)
                {
                    return total + done > 0 ? total + done : Errno.EAGAIN;
                }

                if (pair.Queue.Wait(pair, static p => !p.IsInputBlocked) == WaitResult.Interrupted)
                {
                    return total + done > 0 ? total + done : Errno.RestartIfHandlerAllows;
                }
            }

            total += done;
        }

        return total;
    }

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            pair.Queue.Register(observer);
        }

        return pair.MasterReadiness;
    }

    public override void StopPolling(IPollObserver observer) => pair.Queue.Unregister(observer);

    public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
    {
        int value;
        Errno fault;
        switch (command)
        {
            case TIOCGPTN:
                return WriteInt(argument, pair.Index);

            case TIOCSPTLCK:
                if (!new UserPtr<int>(argument).Read().TryGet(out value, out fault))
                {
                    return fault;
                }

                pair.IsLocked = value != 0;
                return 0;

            case TIOCGPTLCK:
                return WriteInt(argument, pair.IsLocked ? 1 : 0);

            case TIOCPKT:
                if (!new UserPtr<int>(argument).Read().TryGet(out value, out fault))
                {
                    return fault;
                }

                if (pair.IsPacketMode != (value != 0))
                {
                    pair.IsPacketMode = value != 0;
                }

                return 0;

            case TIOCGPKT:
                return WriteInt(argument, pair.IsPacketMode ? 1 : 0);

            case TIOCGPTPEER:
                return OpenPeer(in context, (OpenFlags)argument);

            case TIOCSIG:
                if ((Signal)argument is not (Signal.SIGINT or Signal.SIGQUIT or Signal.SIGTSTP))
                {
                    return Errno.EINVAL;
                }

                pair.Line.SignalForeground((Signal)argument);
                return 0;

            case TIOCINQ:
                return WriteInt(argument, pair.PendingOutput);

            case TIOCOUTQ:
                return WriteInt(argument, 0);

            case TCSBRK:
                return 0;

            case TCFLSH:
                return Flush(argument);

            default:
                return pair.Line.IoctlFromMaster(in context, command, argument);
        }
    }

    protected override void OnClose() => pair.OnMasterClosed();

    private static SyscallResult WriteInt(ulong address, int value) => new UserPtr<int>(address).Write(value);

    /// <summary>Takes output as long as there is some; 0 when there is none.</summary>
    /// <param name="prefix">1 in packet mode: a byte goes before the data.</param>
    private Result<int> ReadData(ref VmWriter destination, int prefix)
    {
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        chunk[0] = (byte)PacketEvents.Data;
        using var turn = _readMutex.Acquire();
        var total = 0;
        while (destination.Remaining > 0)
        {
            // A buffer of one byte takes the prefix alone.
            var room = Math.Min(chunk.Length, destination.Remaining) - prefix;
            var count = pair.TakeOutput(chunk.Slice(prefix, room));
            if (count == 0 && room > 0)
            {
                break;
            }

            count += prefix;
            prefix = 0;
            var written = destination.Write(chunk[..count]);
            total += written;
            if (written < count)
            {
                return total > 0 ? total : Errno.EFAULT;
            }
        }

        return total;
    }

    /// <summary>The master's input queue (0) holds what the slave wrote.</summary>
    private SyscallResult Flush(ulong argument)
    {
        if (argument > 2)
        {
            return Errno.EINVAL;
        }

        if (argument != 1)
        {
            pair.FlushOutput();
            pair.Line.OnOutputProgress();
        }

        return 0;
    }

    /// <summary>TIOCGPTPEER: opens the slave without a path.</summary>
    private SyscallResult OpenPeer(in SyscallContext context, OpenFlags peerFlags)
    {
        if (!pair.Line.Open(pair.Node, pair.Line.Number, peerFlags, context.Thread).TryGet(out var file, out var error))
        {
            return error;
        }

        var result = context.Thread.Files.Allocate(file, (peerFlags & OpenFlags.O_CLOEXEC) != 0, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles));
        if (result.IsError)
        {
            file.Release();
        }

        return result;
    }
}
