// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>stat(2), fstat(2), lstat(2), newfstatat(2), statx(2), statfs(2), fstatfs(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileStatusCalls(IVirtualFileSystem files)
{
    private const uint STATX_RESERVED = 0x80000000;

    /// <summary>Attributes of a path.</summary>
    [Syscall("stat", Flags = "stat(path, statbuf);")]
    public Errno Stat(SyscallContext context, UserPath path, UserAddress buffer) => StatAt(context, FileDescriptor.CurrentDirectory, path, buffer, AtFlags.None);

    /// <summary>Attributes of a path; of a link itself if it is one.</summary>
    [Syscall("lstat", Flags = "lstat(path, statbuf);")]
    public Errno StatLink(SyscallContext context, UserPath path, UserAddress buffer) => StatAt(context, FileDescriptor.CurrentDirectory, path, buffer, AtFlags.AT_SYMLINK_NOFOLLOW);

    /// <summary>Attributes of an open file.</summary>
    /// <returns>EBADF; EFAULT.</returns>
    [Syscall("fstat", Flags = "fstat(fd, statbuf);")]
    public Errno StatFile(SyscallContext context, FileDescriptor descriptor, UserAddress buffer)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var attributes = file.Inode.GetAttributes();
        file.Release();
        return StatLayout.Write(buffer, in attributes);
    }

    /// <summary>Attributes of a path relative to a directory.</summary>
    /// <returns>EINVAL for an unknown flag, and every errno of stat(2).</returns>
    [Syscall("newfstatat", Flags = "newfstatat(dirfd, path, statbuf, flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT);")]
    public Errno StatAt(SyscallContext context, FileDescriptor directory, UserPath path, UserAddress buffer, [AllowUndefinedFlags] AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_EMPTY_PATH | AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_NO_AUTOMOUNT)) != 0)
        {
            return Errno.EINVAL;
        }

        var inode = Find(context.Thread, directory, path, flags, out _);
        return inode.IsOk ? StatLayout.Write(buffer, inode.Value.GetAttributes()) : inode.Error;
    }

    /// <summary>Extended attributes of a path.</summary>
    /// <returns>EINVAL for a reserved mask bit, an unknown flag or both sync flags, and every errno of stat(2).</returns>
    [Syscall("statx", Flags = """
        statx_flags = AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_STATX_FORCE_SYNC | AT_STATX_DONT_SYNC | AT_STATX_SYNC_AS_STAT | AT_SYMLINK_NOFOLLOW;
        statx_mask = STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID | STATX_ALL;
        statx(dirfd, pathname, flags = <statx_flags>, mask = <statx_mask>, statxbuf);
        """)]
    public Errno Statx(SyscallContext context, FileDescriptor directory, UserPath path, [AllowUndefinedFlags] AtFlags flags, uint mask, UserAddress buffer)
    {
        const AtFlags syncFlags = AtFlags.AT_STATX_FORCE_SYNC | AtFlags.AT_STATX_DONT_SYNC;
        if ((mask & STATX_RESERVED) != 0 || (flags & syncFlags) == syncFlags
            || (flags & ~(AtFlags.AT_EMPTY_PATH | AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_NO_AUTOMOUNT | syncFlags)) != 0)
        {
            return Errno.EINVAL;
        }

        var inode = Find(context.Thread, directory, path, flags, out var mount);
        return inode.IsOk ? StatxLayout.Write(buffer, inode.Value.GetAttributes(), mount) : inode.Error;
    }

    /// <summary>Numbers of the file system of a path.</summary>
    [Syscall("statfs", Flags = "statfs(path, buf);")]
    public Errno StatFileSystem(SyscallContext context, UserPath path, UserAddress buffer)
        => FileCalls.WalkAt(files, context.Thread, FileDescriptor.CurrentDirectory, path, AtFlags.None).TryGet(out var place, out var error)
            ? StatFsLayout.Write(buffer, place.Inode.FileSystem, place.Mount) : error;

    /// <summary>Numbers of the file system of an open file.</summary>
    [Syscall("fstatfs", Flags = "fstatfs(fd, buf);")]
    public Errno StatFileSystemOfFile(SyscallContext context, FileDescriptor descriptor, UserAddress buffer)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = StatFsLayout.Write(buffer, file.Inode.FileSystem, file.Path.Mount);
        file.Release();
        return error;
    }

    private Result<Inode> Find(IThread thread, FileDescriptor directory, UserPath path, AtFlags flags, out IMount? mount)
    {
        mount = null;
        var error = FileCalls.ReadPath(thread, path, out var bytes);
        if (error != Errno.Success)
        {
            return error;
        }

        // An empty path with a descriptor is fstat: the file may have no place (a pipe).
        if (bytes.Length == 0 && (flags & AtFlags.AT_EMPTY_PATH) != 0 && directory != FileDescriptor.CurrentDirectory)
        {
            if (thread.Files.Get(directory.Number) is not { } file)
            {
                return Errno.EBADF;
            }

            var inode = file.Inode;
            mount = file.Path.Mount;
            file.Release();
            return inode;
        }

        var walk = ((flags & AtFlags.AT_SYMLINK_NOFOLLOW) == 0 ? WalkFlags.Follow : WalkFlags.None) | ((flags & AtFlags.AT_EMPTY_PATH) != 0 ? WalkFlags.AllowEmpty : WalkFlags.None);
        if (!files.WalkAt(thread, directory, bytes, walk).TryGet(out var place, out error))
        {
            return error;
        }

        mount = place.Mount;
        return place.Inode;
    }
}
