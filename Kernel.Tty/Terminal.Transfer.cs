// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Ostd.Memory;
using Ostd.Sync;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Tty;

/// <summary>
/// The copies between programs and the discipline. Each direction has a staging buffer that one thread at a time owns, by a flag and not by a mutex: a writer may wait for XON for ever, and who waits for its turn must be
/// reachable by signals.
/// </summary>
internal sealed partial class Terminal
{
    private readonly byte[] _readStaging = new byte[1024];
    private readonly byte[] _writeStaging = new byte[1024];
    private readonly Mutex _readMutex = new();

    // Guarded by _lock.
    private bool _isWriting;
    private int _waitingWriters;

    /// <summary>See <see cref="JobControl.Check"/>.</summary>
    public Errno CheckAccess(IThread? thread, Signal signal) => JobControl.Check(this, _services, thread, signal);

    /// <summary>Copies what is there to a program: at most the rest of a line in canonical mode.</summary>
    /// <param name="endsRead">A line's end was reached, or another reader was faster: nothing more belongs to this read.</param>
    public Errno CopyInput(ref VmWriter destination, out int count, out bool endsRead)
    {
        count = 0;
        endsRead = false;

        // Held across the copies, so that the parts of a long line go to one reader; never across a wait for input.
        using var turn = _readMutex.Acquire();
        while (destination.Remaining > 0)
        {
            var taken = TakeInput(_readStaging.AsSpan(0, Math.Min(_readStaging.Length, destination.Remaining)), out endsRead);
            if (taken == 0)
            {
                return Errno.Success;
            }

            var copied = destination.Write(_readStaging.AsSpan(0, taken));
            count += copied;
            if (copied < taken)
            {
                return Errno.EFAULT;
            }

            if (endsRead)
            {
                return Errno.Success;
            }
        }

        return Errno.Success;
    }

    /// <summary>Takes all that a program writes, waiting for room.</summary>
    public Result<int> CopyOutput(ref VmReader source, TerminalFile file)
    {
        var turn = BeginWrite(file);
        if (turn != Errno.Success)
        {
            return turn;
        }

        try
        {
            return CopyOutputInTurn(ref source, file);
        }
        finally
        {
            EndWrite();
        }
    }

    private Result<int> CopyOutputInTurn(ref VmReader source, TerminalFile file)
    {
        var total = 0;
        var error = Errno.Success;
        while (source.Remaining > 0 && error == Errno.Success)
        {
            var staged = source.Read(_writeStaging);
            if (staged == 0)
            {
                error = Errno.EFAULT;
                break;
            }

            var done = 0;
            while (true)
            {
                done += PutOutput(_writeStaging.AsSpan(done, staged - done));
                if (done == staged)
                {
                    break;
                }

                error = WaitForRoom(file);
                if (error != Errno.Success)
                {
                    break;
                }
            }

            total += done;
        }

        return total > 0 || error == Errno.Success ? total : error;
    }

    private Errno WaitForRoom(TerminalFile file)
    {
        if (file.IsHungUp)
        {
            return Errno.EIO;
        }

        if (file.IsNonBlocking)
        {
            return Errno.EAGAIN;
        }

        var wait = Queue.Wait(file, static f => f.Terminal.HasOutputRoom() || f.IsHungUp);
        return wait == WaitResult.Interrupted ? Errno.RestartIfHandlerAllows
            : file.IsHungUp ? Errno.EIO
            : Errno.Success;
    }

    private Errno BeginWrite(TerminalFile file)
    {
        while (!TryBeginWrite())
        {
            if (file.IsNonBlocking)
            {
                return Errno.EAGAIN;
            }

            CountWaitingWriter(1);
            var wait = Queue.Wait(this, static t => !t._isWriting);
            CountWaitingWriter(-1);
            if (wait == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }

        return Errno.Success;
    }

    private bool TryBeginWrite()
    {
        using var guard = _lock.Acquire();
        if (_isWriting)
        {
            return false;
        }

        _isWriting = true;
        return true;
    }

    private void EndWrite()
    {
        bool wakes;
        using (_lock.Acquire())
        {
            _isWriting = false;
            wakes = _waitingWriters > 0;
        }

        if (wakes)
        {
            Queue.Notify(PollEvents.None);
        }
    }

    private void CountWaitingWriter(int change)
    {
        using var guard = _lock.Acquire();
        _waitingWriters += change;
    }

    /// <summary>Waits until all output is sent (tcdrain).</summary>
    public Errno WaitUntilSent(TerminalFile? file)
    {
        var wait = Queue.Wait((Terminal: this, File: file), static s => s.Terminal.IsOutputDrained() || s.File is { IsHungUp: true });
        return wait == WaitResult.Interrupted ? Errno.RestartIfHandlerAllows : Errno.Success;
    }
}
