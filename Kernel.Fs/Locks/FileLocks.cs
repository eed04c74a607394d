// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Sync;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Fs.Locks;

/// <summary>flock(2) and the record locks of fcntl(2): waiting, and finding deadlocks among processes that wait for each other's record locks.</summary>
[Component]
public sealed class FileLocks : IFileLocks
{
    private readonly Mutex _waitsLock = new();

    /// <summary>Who waits for whom. Only owners of process locks, as in Linux; one with several threads may wait several times.</summary>
    private readonly List<Wait> _waits = [];

    /// <inheritdoc/>
    public Errno Flock(OpenFile file, FlockOperation operation, bool wait)
    {
        var locks = LocksOf(file.Inode);
        while (true)
        {
            var error = locks.TryFlock(file, operation, out var version);
            if (error != Errno.EAGAIN || !wait)
            {
                return error;
            }

            if (locks.Changed.WaitInterruptible((locks, version), static state => state.locks.Version != state.version) == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }
    }

    /// <inheritdoc/>
    public Errno SetRecordLock(IThread thread, OpenFile file, RecordLockOwner owner, in RecordLock range, bool wait)
    {
        var locks = LocksOf(file.Inode);
        object holder = owner == RecordLockOwner.Process ? thread.Files : file;
        while (true)
        {
            var error = locks.TrySet(holder, in range, out var blocker, out var version);
            if (error != Errno.EAGAIN || !wait)
            {
                return error;
            }

            Wait? noted = null;
            if (owner == RecordLockOwner.Process && blocker is IFileTable)
            {
                noted = new Wait(holder, blocker, locks, version);
                if (!TryNote(noted))
                {
                    return Errno.EDEADLK;
                }
            }

            var result = locks.Changed.WaitInterruptible((locks, version), static state => state.locks.Version != state.version);
            if (noted is not null)
            {
                using var guard = _waitsLock.Acquire();
                _waits.Remove(noted);
            }

            if (result == WaitResult.Interrupted)
            {
                return Errno.RestartIfHandlerAllows;
            }
        }
    }

    /// <inheritdoc/>
    public RecordLock TestRecordLock(IThread thread, OpenFile file, RecordLockOwner owner, in RecordLock range)
    {
        object holder = owner == RecordLockOwner.Process ? thread.Files : file;
        return (file.Inode.Locks as InodeLocks)?.Test(holder, in range) ?? range with { Type = RecordLockType.F_UNLCK };
    }

    private static InodeLocks LocksOf(Inode inode) => (InodeLocks)(inode.Locks ?? inode.AttachLocks(new InodeLocks()));

    /// <summary>Notes a wait, unless whom it waits for waits in the end for the same owner.</summary>
    private bool TryNote(Wait wait)
    {
        using var guard = _waitsLock.Acquire();
        var next = wait.Blocker;
        for (var depth = 0; wait.IsCurrent && depth <= _waits.Count; depth++)
        {
            if (ReferenceEquals(next, wait.Waiter))
            {
                return false;
            }

            if (_waits.Find(other => ReferenceEquals(other.Waiter, next) && other.IsCurrent) is not { } further)
            {
                break;
            }

            next = further.Blocker;
        }

        _waits.Add(wait);
        return true;
    }

    /// <summary>An owner that waits for another one's lock to go.</summary>
    private sealed class Wait(object waiter, object blocker, InodeLocks locks, int version)
    {
        public object Waiter => waiter;

        public object Blocker => blocker;

        /// <summary>False once a lock of the file has changed: the waiter is about to look again, and if it still has to wait, it finds the deadlock itself.</summary>
        public bool IsCurrent => locks.Version == version;
    }
}
