// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Abstractions.Files;

/// <summary>Flags of renameat2(2).</summary>
[Flags]
public enum RenameFlags : uint
{
    None = 0,
    RENAME_NOREPLACE = 1,
    RENAME_EXCHANGE = 2,
}

/// <summary>What changes names: the services behind mknod, mkdir, unlink, rename and their like. Errors are those of the man pages.</summary>
public interface IDirectoryOperations
{
    /// <summary>mknodat(2): regular files, FIFOs, sockets and, with CAP_MKNOD, devices.</summary>
    Errno MakeNode(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, InodeType type, int mode, DeviceNumber device);

    /// <summary>As <see cref="MakeNode"/>, and tells where the node is (bind(2) of AF_UNIX).</summary>
    Result<FilePath> MakeSocket(IThread thread, ReadOnlySpan<byte> path, int mode);

    /// <summary>mkdirat(2).</summary>
    Errno MakeDirectory(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, int mode);

    /// <summary>unlinkat(2) without AT_REMOVEDIR.</summary>
    Errno Unlink(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path);

    /// <summary>unlinkat(2) with AT_REMOVEDIR.</summary>
    Errno RemoveDirectory(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path);

    /// <summary>renameat2(2).</summary>
    Errno Rename(IThread thread, FileDescriptor oldDirectory, ReadOnlySpan<byte> oldPath, FileDescriptor newDirectory, ReadOnlySpan<byte> newPath, RenameFlags flags);

    /// <summary>linkat(2).</summary>
    /// <param name="flags">Follow for AT_SYMLINK_FOLLOW, AllowEmpty for AT_EMPTY_PATH.</param>
    Errno Link(IThread thread, FileDescriptor oldDirectory, ReadOnlySpan<byte> oldPath, FileDescriptor newDirectory, ReadOnlySpan<byte> newPath, WalkFlags flags);

    /// <summary>symlinkat(2).</summary>
    Errno SymbolicLink(IThread thread, ReadOnlySpan<byte> target, FileDescriptor directory, ReadOnlySpan<byte> path);

    /// <summary>readlinkat(2): the target, cut at the buffer's end.</summary>
    Result<int> ReadLink(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, Span<byte> target);
}

/// <summary>What changes attributes: chmod, chown, utimensat, truncate. The file is a place, or an inode with the mount it was opened through.</summary>
public interface IAttributeOperations
{
    /// <summary>chmod(2): EPERM, EROFS.</summary>
    Errno ChangeMode(IThread thread, IMount? mount, Inode inode, int mode);

    /// <summary>chown(2): null leaves as it is. Clears set-id bits.</summary>
    Errno ChangeOwner(IThread thread, IMount? mount, Inode inode, uint? uid, uint? gid);

    /// <summary>utimensat(2): null leaves as it is.</summary>
    /// <param name="isNow">Both are the current time: write permission is enough.</param>
    Errno SetTimes(IThread thread, IMount? mount, Inode inode, long? accessTimeNs, long? modificationTimeNs, bool isNow);

    /// <summary>truncate(2): EISDIR, EINVAL, EACCES, EFBIG...</summary>
    Errno Truncate(IThread thread, FilePath path, long length);
}

/// <summary>Mount tree operations.</summary>
public interface IMountOperations
{
    /// <summary>mount(2): new mounts, MS_REMOUNT, MS_BIND, MS_MOVE and propagation changes.</summary>
    Errno Mount(IThread thread, string source, ReadOnlySpan<byte> sourcePath, ReadOnlySpan<byte> target, string type, ulong flags, string data);

    /// <summary>umount2(2).</summary>
    Errno Unmount(IThread thread, ReadOnlySpan<byte> target, int flags);

    /// <summary>pivot_root(2).</summary>
    Errno PivotRoot(IThread thread, ReadOnlySpan<byte> newRoot, ReadOnlySpan<byte> oldRoot);

    /// <summary>sync(2).</summary>
    void SynchronizeAll();
}

/// <summary>Files in memory without a place: memfd_create(2).</summary>
public interface IMemoryFiles
{
    /// <summary>An empty file, open for reading and writing, named <c>memfd:name</c> in /proc/pid/fd.</summary>
    Result<OpenFile> Create(IThread thread, ReadOnlySpan<byte> name, bool allowSealing);
}
