// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;
using Ostd.Sync;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Fs.Locks;

/// <summary>The advisory locks on one inode: whole-file locks of flock(2), and record locks kept sorted per owner without overlaps, neighbours of one type joined (POSIX, fcntl).</summary>
internal sealed class InodeLocks : IInodeLocks
{
    private readonly Mutex _lock = new();
    private readonly WaitQueue _changed = new();
    private readonly List<FileLock> _fileLocks = [];
    private readonly List<HeldRecord> _records = [];

    /// <summary>Counts changes, so that a waiter can see that it should look again.</summary>
    private int _version;

    /// <summary>A record lock with its owner: a file table or an open file.</summary>
    internal readonly record struct HeldRecord(object Owner, RecordLock Range);

    private readonly record struct FileLock(OpenFile File, FlockOperation Operation);

    public WaitQueue Changed => _changed;

    public int Version => System.Threading.Volatile.Read(ref _version);

    /// <summary>Sets or removes the whole-file lock of an open file.</summary>
    /// <returns>EWOULDBLOCK when another one is in the way; the lock held before is gone then, as in Linux.</returns>
    public Errno TryFlock(OpenFile file, FlockOperation operation, out int version)
    {
        version = 0;
        if (operation != FlockOperation.LOCK_UN && !HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        using var reserve = HeapReserve.Enter();
        using var guard = _lock.Acquire();
        version = _version;
        var index = _fileLocks.FindIndex(held => ReferenceEquals(held.File, file));
        if (index >= 0)
        {
            if (_fileLocks[index].Operation == operation)
            {
                return Errno.Success;
            }

            // A conversion is not atomic: the old lock is given up first (man 2 flock).
            _fileLocks.RemoveAt(index);
            NoteChange();
            version = _version;
        }

        if (operation == FlockOperation.LOCK_UN)
        {
            return Errno.Success;
        }

        foreach (var held in _fileLocks)
        {
            if (operation == FlockOperation.LOCK_EX || held.Operation == FlockOperation.LOCK_EX)
            {
                return Errno.EAGAIN;
            }
        }

        _fileLocks.Add(new FileLock(file, operation));
        return Errno.Success;
    }

    /// <summary>Sets or removes a record lock.</summary>
    /// <returns>EAGAIN; ENOLCK when there is no memory for it (man 2 fcntl).</returns>
    /// <param name="blocker">The owner of a lock in the way, when the result is EAGAIN.</param>
    public Errno TrySet(object owner, in RecordLock range, out object? blocker, out int version)
    {
        version = 0;
        blocker = null;
        if (range.Type != RecordLockType.F_UNLCK && !HeapReserve.HasRoom)
        {
            return Errno.ENOLCK;
        }

        using var reserve = HeapReserve.Enter();
        using var guard = _lock.Acquire();
        version = _version;
        if (range.Type != RecordLockType.F_UNLCK && FindConflict(owner, in range) is { } conflict)
        {
            blocker = conflict.Owner;
            return Errno.EAGAIN;
        }

        Replace(owner, in range);
        NoteChange();
        return Errno.Success;
    }

    /// <summary>The first lock of another owner in the way.</summary>
    public RecordLock? Test(object owner, in RecordLock range)
    {
        using var guard = _lock.Acquire();
        return FindConflict(owner, in range)?.Range;
    }

    public void OnFileClosed(OpenFile file)
    {
        using var guard = _lock.Acquire();
        var count = _fileLocks.RemoveAll(held => ReferenceEquals(held.File, file)) + RemoveOwner(file);
        if (count > 0)
        {
            NoteChange();
        }
    }

    public void OnDescriptorClosed(IFileTable table)
    {
        using var guard = _lock.Acquire();
        if (RemoveOwner(table) > 0)
        {
            NoteChange();
        }
    }

    private int RemoveOwner(object owner) => _records.RemoveAll(held => ReferenceEquals(held.Owner, owner));

    private HeldRecord? FindConflict(object owner, in RecordLock range)
    {
        foreach (var held in _records)
        {
            if (!ReferenceEquals(held.Owner, owner) && held.Range.Start <= range.End && range.Start <= held.Range.End
                && (range.Type == RecordLockType.F_WRLCK || held.Range.Type == RecordLockType.F_WRLCK))
            {
                return held;
            }
        }

        return null;
    }

    /// <summary>Cuts the range out of what the owner holds, puts the new lock in, and joins neighbours.</summary>
    private void Replace(object owner, in RecordLock range)
    {
        var start = range.Start;
        var end = range.End;
        for (var i = _records.Count - 1; i >= 0; i--)
        {
            var held = _records[i];
            if (!ReferenceEquals(held.Owner, owner))
            {
                continue;
            }

            var old = held.Range;
            var touches = old.Start <= (range.End == long.MaxValue ? long.MaxValue : range.End + 1) && range.Start <= (old.End == long.MaxValue ? long.MaxValue : old.End + 1);
            if (touches && old.Type == range.Type)
            {
                start = System.Math.Min(start, old.Start);
                end = System.Math.Max(end, old.End);
                _records.RemoveAt(i);
                continue;
            }

            if (old.Start > range.End || range.Start > old.End)
            {
                continue;
            }

            _records.RemoveAt(i);
            if (old.Start < range.Start)
            {
                _records.Add(held with { Range = old with { End = range.Start - 1 } });
            }

            if (old.End > range.End)
            {
                _records.Add(held with { Range = old with { Start = range.End + 1 } });
            }
        }

        if (range.Type != RecordLockType.F_UNLCK)
        {
            _records.Add(new HeldRecord(owner, range with { Start = start, End = end }));
        }
    }

    private void NoteChange()
    {
        System.Threading.Volatile.Write(ref _version, _version + 1);
        _changed.WakeAll();
    }
}
