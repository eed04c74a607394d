// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Abstractions.Files;

/// <summary>
/// An open file description (man 2 open): what descriptors refer to. Reference-counted; the last <see cref="Release"/> closes it. The defaults answer what Linux answers for a file
/// without the operation.
/// </summary>
public abstract class OpenFile
{
    private int _references = 1;
    private int _statusFlags;
    private FilePath _path;
    private FileWatchers? _watchers;
    private int _claim;

    protected OpenFile(Inode inode, OpenFlags flags)
    {
        Inode = inode;
        inode.AddUser();
        _statusFlags = (int)(flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOCTTY | OpenFlags.O_TRUNC));
    }

    /// <summary>The file behind it; anonymous inodes for pipes, sockets and their like.</summary>
    public Inode Inode { get; }

    /// <summary>Where it was opened (for openat, fchdir, /proc/pid/fd); <c>default</c> for files that have no place.</summary>
    /// <remarks>Set once, before the file is published. The place stays pinned while the file is open: its mount cannot be unmounted.</remarks>
    public FilePath Path
    {
        get => _path;
        set
        {
            value.Pin();
            _path.Unpin();
            _path = value;
        }
    }

    /// <summary>Access mode and status flags (fcntl F_GETFL, F_SETFL).</summary>
    public OpenFlags StatusFlags => (OpenFlags)Volatile.Read(ref _statusFlags);

    /// <summary>Sets the flags of a mask to those given. Changes of other flags at the same time are kept.</summary>
    public void ChangeStatusFlags(OpenFlags mask, OpenFlags flags)
    {
        var seen = Volatile.Read(ref _statusFlags);
        while (true)
        {
            var before = Interlocked.CompareExchange(ref _statusFlags, seen & ~(int)mask | (int)(flags & mask), seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }

    public bool IsReadable => (StatusFlags & OpenFlags.O_PATH) == 0 && (StatusFlags & OpenFlags.O_ACCMODE) is OpenFlags.O_RDONLY or OpenFlags.O_RDWR;

    public bool IsWritable => (StatusFlags & OpenFlags.O_PATH) == 0 && (StatusFlags & OpenFlags.O_ACCMODE) is OpenFlags.O_WRONLY or OpenFlags.O_RDWR;

    public bool IsNonBlocking => (StatusFlags & OpenFlags.O_NONBLOCK) != 0;

    /// <summary>Takes one more reference.</summary>
    public OpenFile AddReference()
    {
        Interlocked.Increment(ref _references);
        return this;
    }

    /// <summary>Takes one more reference unless the last one is gone already: for those who keep the file without keeping it open (epoll).</summary>
    public bool TryAddReference()
    {
        var seen = Volatile.Read(ref _references);
        while (seen != 0)
        {
            var before = Interlocked.CompareExchange(ref _references, seen + 1, seen);
            if (before == seen)
            {
                return true;
            }

            seen = before;
        }

        return false;
    }

    /// <summary>Counts as a writer of its inode until it is closed.</summary>
    /// <returns>False while a program runs from the file (ETXTBSY).</returns>
    public bool TryClaimWriting() => _claim == 0 && Inode.WriteAccess.TryAddWriter() && SetClaim(1);

    /// <summary>Counts as a running program of its inode until it is closed.</summary>
    /// <returns>False while the file is open for writing (ETXTBSY).</returns>
    public bool TryClaimExecution() => _claim == 0 && Inode.WriteAccess.TryAddProgram() && SetClaim(-1);

    /// <summary>Those who want to know when the file is closed.</summary>
    public FileWatchers Watchers
        => Volatile.Read(ref _watchers) ?? Interlocked.CompareExchange(ref _watchers, new FileWatchers(), null) ?? _watchers;

    /// <summary>Gives one reference back; the last one calls <see cref="OnClose"/>.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            // It gives memory back, and nobody could close it a second time.
            using var reserve = HeapReserve.Enter();
            Volatile.Read(ref _watchers)?.NotifyClosed();
            Inode.Locks?.OnFileClosed(this);
            OnClose();
            EndClaim();
            _path.Unpin();
            Inode.RemoveUser();
        }
    }

    private bool SetClaim(int claim)
    {
        _claim = claim;
        return true;
    }

    private void EndClaim()
    {
        if (_claim > 0)
            Inode.WriteAccess.RemoveWriter();
        else if (_claim < 0)
            Inode.WriteAccess.RemoveProgram();
    }

    /// <summary>The last reference is gone.</summary>
    protected virtual void OnClose()
    {
    }

    /// <summary>Every close of a descriptor by a process. POSIX locks are taken care of by the file table.</summary>
    public virtual void OnDescriptorClosed(Processes.IProcess process)
    {
    }

    /// <summary>Reads at the file's own position and moves it, or from the stream. 0 at the end. The caller has checked <see cref="IsReadable"/>.</summary>
    public virtual Result<int> Read(ref VmWriter destination) => Errno.EINVAL;

    /// <summary>Writes at the file's own position (at the end with O_APPEND) and moves it, or to the stream.</summary>
    public virtual Result<int> Write(ref VmReader source) => Errno.EINVAL;

    /// <summary>pread(2): the position stays. ESPIPE for streams.</summary>
    public virtual Result<int> ReadAt(ref VmWriter destination, long offset) => Errno.ESPIPE;

    /// <summary>pwrite(2).</summary>
    public virtual Result<int> WriteAt(ref VmReader source, long offset) => Errno.ESPIPE;

    public virtual Result<long> Seek(long offset, SeekOrigin origin) => Errno.ESPIPE;

    /// <summary>What is ready now. With an observer: registers it first, so that no change is missed; <see cref="StopPolling"/> takes it back.</summary>
    public virtual PollEvents Poll(IPollObserver? observer) => PollEvents.Readable | PollEvents.Writable;

    /// <summary>Takes back a registration of <see cref="Poll"/>.</summary>
    public virtual void StopPolling(IPollObserver observer)
    {
    }

    /// <summary>ioctl(2): ENOTTY for what it does not know. FIONBIO, FIOCLEX and FIONCLEX are done by the caller.</summary>
    public virtual SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument) => Errno.ENOTTY;

    /// <summary>Lists directory entries from its position on; see <see cref="IDirectoryVisitor"/>. ENOTDIR for the others.</summary>
    public virtual Errno ReadDirectory(IDirectoryVisitor visitor) => Errno.ENOTDIR;

    /// <summary>What mmap maps; ENODEV when the file cannot be mapped.</summary>
    public virtual Result<IMemoryObject> GetMemoryObject() => Errno.ENODEV;

    /// <summary>fsync(2), fdatasync(2): EINVAL for what cannot be synchronised.</summary>
    public virtual Errno Synchronize() => Errno.EINVAL;

    /// <summary>ftruncate(2).</summary>
    public virtual Errno Truncate(long length) => Errno.EINVAL;

    /// <summary>fallocate(2).</summary>
    public virtual Errno Allocate(int mode, long offset, long length) => Errno.ENODEV;
}

/// <summary>Receives directory entries.</summary>
public interface IDirectoryVisitor
{
    /// <summary>One entry.</summary>
    /// <param name="nextOffset">The directory position after this entry (<c>d_off</c>).</param>
    /// <returns>False when the entry does not fit: the listing stops before it.</returns>
    bool Visit(ReadOnlySpan<byte> name, ulong inodeNumber, InodeType type, long nextOffset);
}
