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

    /// <summary>Who waits for whom: owner to owner. Only owners of process locks, as in Linux.</summary>
    private readonly Dictionary<object, object> _waits = [];

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

            var isTracked = owner == RecordLockOwner.Process && blocker is IFileTable;
            if (isTracked && !TryNoteWait(holder, blocker!))
            {
                return Errno.EDEADLK;
            }

            var result = locks.Changed.WaitInterruptible((locks, version), static state => state.locks.Version != state.version);
            if (isTracked)
            {
                using var guard = _waitsLock.Acquire();
                _waits.Remove(holder);
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

    private bool TryNoteWait(object waiter, object blocker)
    {
        using var guard = _waitsLock.Acquire();
        var next = blocker;
        for (var depth = 0; depth <= _waits.Count; depth++)
        {
            if (ReferenceEquals(next, waiter))
            {
                return false;
            }

            if (!_waits.TryGetValue(next, out next!))
            {
                break;
            }
        }

        _waits[waiter] = blocker;
        return true;
    }
}
