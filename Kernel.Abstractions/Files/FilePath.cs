// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Abstractions.Files;

/// <summary>A place in the tree of mounts: what the VFS calls a path. Opaque outside Kernel.Fs; <c>default</c> is nowhere.</summary>
/// <param name="Mount">The mount (Kernel.Fs).</param>
/// <param name="Entry">The directory entry (Kernel.Fs).</param>
public readonly record struct FilePath(IMount? Mount, IDirectoryEntry? Entry)
{
    public bool IsNowhere => Entry is null;

    public Inode Inode => Entry!.Inode;

    /// <summary>Keeps the mount busy and the entry in the cache until <see cref="Unpin"/>.</summary>
    public void Pin()
    {
        Mount?.Pin();
        Entry?.Pin();
    }

    public void Unpin()
    {
        Entry?.Unpin();
        Mount?.Unpin();
    }
}

/// <summary>A mount of a file system in the tree.</summary>
public interface IMount
{
    IFileSystemInstance FileSystem { get; }

    bool IsReadOnly { get; }

    /// <summary>True for MS_NOEXEC mounts.</summary>
    bool IsNoExec { get; }

    /// <summary>True for MS_NOSUID mounts: execve ignores set-id bits.</summary>
    bool IsNoSuid { get; }

    /// <summary>As in /proc/pid/mountinfo.</summary>
    int Id { get; }

    /// <summary>ST_* flags of statfs(2): 1 read-only, 2 nosuid, 4 nodev, 8 noexec, 0x400 noatime, 0x800 nodiratime, 0x1000 relatime.</summary>
    ulong StatFlags { get; }

    /// <summary>One more user: unmounting answers EBUSY.</summary>
    void Pin();

    void Unpin();
}

/// <summary>A name in the tree: a dentry.</summary>
public interface IDirectoryEntry
{
    Inode Inode { get; }

    /// <summary>True once the name was unlinked: the place exists only for those who hold it.</summary>
    bool IsDeleted { get; }

    /// <summary>Keeps the entry in the cache.</summary>
    void Pin();

    void Unpin();
}

/// <summary>What a walk does with the last component.</summary>
[Flags]
public enum WalkFlags
{
    None = 0,

    /// <summary>Follow a symbolic link in the last place.</summary>
    Follow = 1,

    /// <summary>An empty path means the start itself (AT_EMPTY_PATH).</summary>
    AllowEmpty = 2,

    /// <summary>The result must be a directory.</summary>
    Directory = 4,
}

/// <summary>Path walking and opening, for the subsystems other than the file system calls.</summary>
public interface IVirtualFileSystem
{
    /// <summary>Walks a path from the thread's root or working directory.</summary>
    Result<FilePath> Walk(IThread thread, ReadOnlySpan<byte> path, WalkFlags flags);

    /// <summary>Walks from a directory descriptor (or AT_FDCWD).</summary>
    Result<FilePath> WalkAt(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, WalkFlags flags);

    /// <summary>Opens an existing file for the kernel's own use.</summary>
    Result<OpenFile> Open(IThread thread, ReadOnlySpan<byte> path, OpenFlags flags);

    /// <summary>openat(2) without the descriptor.</summary>
    /// <param name="mode">Permission bits of a file that O_CREAT makes, before the umask.</param>
    Result<OpenFile> OpenAt(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, OpenFlags flags, int mode);

    /// <summary>
    /// Opens for execve: a regular file on a mount without noexec with execute permission, from a directory descriptor; EACCES, ENOENT, ELOOP...
    /// </summary>
    Result<OpenFile> OpenExecutable(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, WalkFlags flags);

    /// <summary>The absolute path of a place as the thread sees it, as bytes; "(deleted)" is appended as Linux does for unlinked files.</summary>
    byte[] GetAbsolutePath(IThread thread, FilePath path);

    /// <summary>Checks access of the thread's file-system credentials (not the real ones): 4 read, 2 write, 1 execute.</summary>
    Errno CheckAccess(IThread thread, Inode inode, int accessMask);

    /// <summary>The same with other credentials (access(2) uses the real ids), and on a place: EROFS for writing to a file of a read-only mount, EACCES for executing one of a noexec mount.</summary>
    Errno CheckAccess(Credentials credentials, FilePath path, int accessMask);

    /// <summary>True when the place can be reached from the thread's root (getcwd shows "(unreachable)" otherwise).</summary>
    bool IsReachable(IThread thread, FilePath path);

    /// <summary>Wraps an inode that is in no directory (pipes, sockets, eventfd) so that stat and /proc/pid/fd have something to show, such as <c>pipe:[17]</c>.</summary>
    IAnonymousInodes AnonymousInodes { get; }
}
