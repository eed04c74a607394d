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
}

/// <summary>A mount of a file system in the tree.</summary>
public interface IMount
{
    IFileSystemInstance FileSystem { get; }

    bool IsReadOnly { get; }

    /// <summary>True for MS_NOEXEC mounts.</summary>
    bool IsNoExec { get; }
}

/// <summary>A name in the tree: a dentry.</summary>
public interface IDirectoryEntry
{
    Inode Inode { get; }
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

    /// <summary>
    /// Opens for execve: a regular file on a mount without noexec with execute permission, from a directory descriptor; EACCES, ENOENT, ELOOP...
    /// </summary>
    Result<OpenFile> OpenExecutable(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, WalkFlags flags);

    /// <summary>The absolute path of a place as the thread sees it, as bytes; "(deleted)" is appended as Linux does for unlinked files.</summary>
    byte[] GetAbsolutePath(IThread thread, FilePath path);

    /// <summary>Checks access of the thread's file-system credentials (not the real ones): 4 read, 2 write, 1 execute.</summary>
    Errno CheckAccess(IThread thread, Inode inode, int accessMask);

    /// <summary>Wraps an inode that is in no directory (pipes, sockets, eventfd) so that stat and /proc/pid/fd have something to show, such as <c>pipe:[17]</c>.</summary>
    IAnonymousInodes AnonymousInodes { get; }
}

/// <summary>Makes the inodes of files that are in no directory.</summary>
public interface IAnonymousInodes
{
    /// <summary>A new inode of pipefs, sockfs or anon_inodefs.</summary>
    /// <param name="label">What readlink on /proc/pid/fd shows: <c>pipe</c>, <c>socket</c> become <c>pipe:[ino]</c>; others <c>anon_inode:label</c>.</param>
    Inode Create(InodeType type, string label, int mode, Credentials owner);
}

/// <summary>Builds the per-process file state; Kernel.Process calls it for init and for clone.</summary>
public interface IProcessFileState
{
    /// <summary>The empty table of the first process.</summary>
    IFileTable CreateTable();

    /// <summary>Root and working directory at the root of the first mount, umask 022.</summary>
    IFileSystemContext CreateContext();
}

/// <summary>Root, working directory and umask of one or more threads.</summary>
public interface IFileSystemContext
{
    FilePath Root { get; set; }

    FilePath WorkingDirectory { get; set; }

    /// <summary>umask(2).</summary>
    int FileModeMask { get; set; }

    /// <summary>A copy, for fork without CLONE_FS.</summary>
    IFileSystemContext Clone();
}

/// <summary>A table of file descriptors. Lookups are lock-free for the caller's purposes; RLIMIT_NOFILE is the caller's argument.</summary>
public interface IFileTable
{
    /// <summary>The file, with a reference taken for the caller, who releases it; null for a bad descriptor.</summary>
    OpenFile? Get(int descriptor);

    /// <summary>Puts the file at the lowest free descriptor not below <paramref name="minimum"/>; takes over the caller's reference on success.</summary>
    /// <returns>EMFILE when <paramref name="limit"/> is reached.</returns>
    Result<int> Allocate(OpenFile file, bool closeOnExec, int minimum, ulong limit);

    /// <summary>Puts the file at the descriptor, closing what was there (dup2).</summary>
    Errno Replace(int descriptor, OpenFile file, bool closeOnExec, Processes.IProcess process);

    /// <summary>EBADF when not open.</summary>
    Errno Close(int descriptor, Processes.IProcess process);

    /// <summary>The close-on-exec flag; EBADF.</summary>
    Result<bool> GetCloseOnExec(int descriptor);

    Errno SetCloseOnExec(int descriptor, bool value);

    /// <summary>One more user of the table (CLONE_FILES).</summary>
    void AddReference();

    /// <summary>A user is gone; the last one closes everything.</summary>
    void Release(Processes.IProcess process);

    /// <summary>A copy for fork: same files, one more reference each.</summary>
    IFileTable Clone();

    /// <summary>True when more than one process or thread uses the table (then execve unshares it).</summary>
    bool IsShared { get; }

    /// <summary>execve: closes what is marked.</summary>
    void CloseOnExec(Processes.IProcess process);

    /// <summary>The next open descriptor at or after the given one; -1 at the end (for /proc/pid/fd, close_range).</summary>
    int NextOpen(int descriptor);
}
