// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Fs.Devices;
using Kernel.Fs.Files;
using Kernel.Fs.Mounts;
using Kernel.Fs.Paths;

namespace Kernel.Fs;

/// <summary>Path walking and opening: what the other subsystems see of the VFS.</summary>
[Component]
public sealed class VirtualFileSystem(PathWalker walker, FileOpener opener, AnonymousInodes anonymousInodes) : IVirtualFileSystem
{
    /// <inheritdoc/>
    public IAnonymousInodes AnonymousInodes => anonymousInodes;

    /// <inheritdoc/>
    public Result<FilePath> Walk(IThread? thread, ReadOnlySpan<byte> path, WalkFlags flags) => WalkAt(thread, FileDescriptor.CurrentDirectory, path, flags);

    /// <inheritdoc/>
    public Result<FilePath> WalkAt(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, WalkFlags flags)
    {
        var error = walker.TryBegin(thread, directory, path, out var walk);
        if (error == Errno.Success && (path.Length != 0 || (flags & WalkFlags.AllowEmpty) == 0))
        {
            error = walker.WalkFull(ref walk, path, (flags & WalkFlags.Follow) != 0);
        }

        if (error == Errno.Success && (flags & WalkFlags.Directory) != 0 && walk.Current.Inode.Type != InodeType.Directory)
        {
            error = Errno.ENOTDIR;
        }

        return error == Errno.Success ? walk.Current.ToPath() : error;
    }

    /// <inheritdoc/>
    public Result<OpenFile> Open(IThread? thread, ReadOnlySpan<byte> path, OpenFlags flags) => opener.Open(thread, FileDescriptor.CurrentDirectory, path, flags, 0);

    /// <inheritdoc/>
    public Result<OpenFile> OpenAt(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, OpenFlags flags, int mode) => opener.Open(thread, directory, path, flags, mode);

    /// <inheritdoc/>
    public Result<OpenFile> OpenExecutable(IThread thread, FileDescriptor directory, ReadOnlySpan<byte> path, WalkFlags flags)
    {
        ArgumentNullException.ThrowIfNull(thread);
        if (!WalkAt(thread, directory, path, flags).TryGet(out var found, out var error))
        {
            return error;
        }

        var place = Place.From(found);
        var inode = place.Inode;
        if (inode.Type == InodeType.SymbolicLink)
        {
            return Errno.ELOOP;
        }

        // do_open_execat: anything but a regular file is EACCES, and so is a noexec mount.
        if (inode.Type != InodeType.Regular || place.Mount.IsNoExec)
        {
            return Errno.EACCES;
        }

        error = Permissions.Check(thread.Credentials, inode, Permissions.Execute);
        return error == Errno.Success ? opener.OpenPlace(thread, place, OpenFlags.O_RDONLY) : error;
    }

    /// <inheritdoc/>
    public byte[] GetAbsolutePath(IThread thread, FilePath path)
    {
        ArgumentNullException.ThrowIfNull(thread);
        return path.IsNowhere ? [] : AbsolutePath.Build(Place.From(path), Place.From(thread.FileSystem.Root), out _);
    }

    /// <inheritdoc/>
    public bool IsReachable(IThread thread, FilePath path)
    {
        ArgumentNullException.ThrowIfNull(thread);
        AbsolutePath.Build(Place.From(path), Place.From(thread.FileSystem.Root), out var isReachable);
        return isReachable;
    }

    /// <inheritdoc/>
    public Errno CheckAccess(IThread thread, Inode inode, int accessMask)
    {
        ArgumentNullException.ThrowIfNull(thread);
        return Permissions.Check(thread.Credentials, inode, accessMask);
    }

    /// <inheritdoc/>
    public Errno CheckAccess(Credentials credentials, FilePath path, int accessMask)
    {
        var place = Place.From(path);
        if ((accessMask & Permissions.Execute) != 0 && place.Inode.Type == InodeType.Regular && place.Mount.IsNoExec)
        {
            return Errno.EACCES;
        }

        return Permissions.Check(credentials, place, accessMask);
    }

    /// <summary>The path from a root to a place.</summary>
    public static byte[] Describe(FilePath path, FilePath root) => AbsolutePath.Build(Place.From(path), Place.From(root), out _);

    /// <summary>The path from a root to a place, and whether it lies below the root at all.</summary>
    public static byte[] DescribeReachable(FilePath path, FilePath root, out bool isReachable) => AbsolutePath.Build(Place.From(path), Place.From(root), out isReachable);

    /// <summary>The path of an entry within its file system (the root field of mountinfo).</summary>
    public static byte[] DescribeInFileSystem(Dentries.Dentry entry) => AbsolutePath.BuildInFileSystem(entry);
}
