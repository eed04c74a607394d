// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Files;

/// <summary>Type of a record lock: <c>l_type</c> of <c>struct flock</c>.</summary>
public enum RecordLockType : short
{
    F_RDLCK = 0,
    F_WRLCK = 1,
    F_UNLCK = 2,
}

/// <summary>A range of bytes and how it is locked.</summary>
/// <param name="Start">First byte.</param>
/// <param name="End">Last byte, inclusive; <see cref="long.MaxValue"/> for "to the end of the file, however it grows".</param>
/// <param name="OwnerPid">Pid of the holder; -1 for an open file description lock.</param>
public readonly record struct RecordLock(RecordLockType Type, long Start, long End, int OwnerPid);

/// <summary>Advisory locks: flock(2), and the record locks of fcntl(2) owned by a process or by an open file description.</summary>
public interface IFileLocks
{
    /// <summary>flock(2).</summary>
    /// <returns>EWOULDBLOCK without waiting; EINTR.</returns>
    Errno Flock(OpenFile file, FlockOperation operation, bool wait);

    /// <summary>F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW.</summary>
    /// <returns>EAGAIN without waiting; EDEADLK; EINTR.</returns>
    Errno SetRecordLock(IThread thread, OpenFile file, RecordLockOwner owner, in RecordLock range, bool wait);

    /// <summary>F_GETLK, F_OFD_GETLK: the first lock in the way, or the same range with F_UNLCK.</summary>
    RecordLock TestRecordLock(IThread thread, OpenFile file, RecordLockOwner owner, in RecordLock range);
}

/// <summary>Operations of flock(2), without LOCK_NB.</summary>
public enum FlockOperation
{
    LOCK_SH = 1,
    LOCK_EX = 2,
    LOCK_UN = 8,
}

/// <summary>Who owns a record lock.</summary>
public enum RecordLockOwner
{
    /// <summary>The process (its file table): F_SETLK.</summary>
    Process,

    /// <summary>The open file description: F_OFD_SETLK.</summary>
    OpenFileDescription,
}

/// <summary>The locks on one inode, told of what releases them.</summary>
public interface IInodeLocks
{
    /// <summary>The last reference to an open file is gone: its flock and open file description locks are.</summary>
    void OnFileClosed(OpenFile file);

    /// <summary>A descriptor of the file was closed through a table: the record locks of that table's processes are gone.</summary>
    void OnDescriptorClosed(IFileTable table);
}
