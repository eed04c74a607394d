// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>mkdir(2), mknod(2), unlink(2), rmdir(2), rename(2), link(2), symlink(2), readlink(2), and their *at() forms.</summary>
[Component(Stage = InitStage.Late)]
public sealed class NameCalls(IDirectoryOperations names)
{
    private const int TypeMask = 0xf000;

    [Syscall("mkdir", Flags = "mkdir(path, mode);")]
    public Errno MakeDirectory(SyscallContext context, UserPath path, int mode) => MakeDirectoryAt(context, FileDescriptor.CurrentDirectory, path, mode);

    /// <summary>Makes a directory.</summary>
    [Syscall("mkdirat", Flags = "mkdirat(dirfd, path, mode);")]
    public Errno MakeDirectoryAt(SyscallContext context, FileDescriptor directory, UserPath path, int mode)
    {
        var error = FileCalls.ReadPath(context.Thread, path, out var bytes);
        return error == Errno.Success ? names.MakeDirectory(context.Thread, directory, bytes, mode) : error;
    }

    [Syscall("mknod", Flags = "mknod(path, mode = S_IFREG | S_IFCHR | S_IFBLK | S_IFIFO | S_IFSOCK, dev);")]
    public Errno MakeNode(SyscallContext context, UserPath path, int mode, uint device) => MakeNodeAt(context, FileDescriptor.CurrentDirectory, path, mode, device);

    /// <summary>Makes a regular file, a device, a FIFO or a socket.</summary>
    /// <returns>EPERM for a directory or a device without CAP_MKNOD; EINVAL for another type.</returns>
    [Syscall("mknodat", Flags = "mknodat(dirfd, path, mode = S_IFREG | S_IFCHR | S_IFBLK | S_IFIFO | S_IFSOCK, dev);")]
    public Errno MakeNodeAt(SyscallContext context, FileDescriptor directory, UserPath path, int mode, uint device)
    {
        var type = (InodeType)(mode & TypeMask);
        switch (type)
        {
            case 0:
                type = InodeType.Regular;
                break;
            case InodeType.Regular or InodeType.CharacterDevice or InodeType.BlockDevice or InodeType.Fifo or InodeType.Socket:
                break;
            case InodeType.Directory:
                return Errno.EPERM;
            default:
                return Errno.EINVAL;
        }

        var error = FileCalls.ReadPath(context.Thread, path, out var bytes);
        return error == Errno.Success ? names.MakeNode(context.Thread, directory, bytes, type, mode & 0xfff, DeviceNumber.Decode(device)) : error;
    }

    [Syscall("unlink", Flags = "unlink(path);")]
    public Errno Unlink(SyscallContext context, UserPath path) => UnlinkAt(context, FileDescriptor.CurrentDirectory, path, AtFlags.None);

    [Syscall("rmdir", Flags = "rmdir(path);")]
    public Errno RemoveDirectory(SyscallContext context, UserPath path) => UnlinkAt(context, FileDescriptor.CurrentDirectory, path, AtFlags.AT_REMOVEDIR);

    /// <summary>Removes a name, or a directory with AT_REMOVEDIR.</summary>
    [Syscall("unlinkat", Flags = "unlinkat(dirfd, path, flags = AT_REMOVEDIR);")]
    public Errno UnlinkAt(SyscallContext context, FileDescriptor directory, UserPath path, [AllowUndefinedFlags] AtFlags flags)
    {
        if ((flags & ~AtFlags.AT_REMOVEDIR) != 0)
        {
            return Errno.EINVAL;
        }

        var error = FileCalls.ReadPath(context.Thread, path, out var bytes);
        if (error != Errno.Success)
        {
            return error;
        }

        return (flags & AtFlags.AT_REMOVEDIR) != 0 ? names.RemoveDirectory(context.Thread, directory, bytes) : names.Unlink(context.Thread, directory, bytes);
    }

    [Syscall("rename", Flags = "rename(oldpath, newpath);")]
    public Errno Rename(SyscallContext context, UserPath oldPath, UserPath newPath)
        => RenameAt2(context, FileDescriptor.CurrentDirectory, oldPath, FileDescriptor.CurrentDirectory, newPath, RenameFlags.None);

    [Syscall("renameat", Flags = "renameat(olddirfd, oldpath, newdirfd, newpath);")]
    public Errno RenameAt(SyscallContext context, FileDescriptor oldDirectory, UserPath oldPath, FileDescriptor newDirectory, UserPath newPath)
        => RenameAt2(context, oldDirectory, oldPath, newDirectory, newPath, RenameFlags.None);

    /// <summary>Renames, with RENAME_NOREPLACE or RENAME_EXCHANGE.</summary>
    [Syscall("renameat2", Flags = "renameat2(olddirfd, oldpath, newdirfd, newpath, flags = RENAME_NOREPLACE | RENAME_EXCHANGE);")]
    public Errno RenameAt2(SyscallContext context, FileDescriptor oldDirectory, UserPath oldPath, FileDescriptor newDirectory, UserPath newPath, RenameFlags flags)
    {
        var error = ReadPaths(context, oldPath, newPath, out var oldBytes, out var newBytes);
        return error == Errno.Success ? names.Rename(context.Thread, oldDirectory, oldBytes, newDirectory, newBytes, flags) : error;
    }

    [Syscall("link", Flags = "link(oldpath, newpath);")]
    public Errno Link(SyscallContext context, UserPath oldPath, UserPath newPath)
        => LinkAt(context, FileDescriptor.CurrentDirectory, oldPath, FileDescriptor.CurrentDirectory, newPath, AtFlags.None);

    /// <summary>Makes another name for a file.</summary>
    /// <returns>ENOENT for AT_EMPTY_PATH without CAP_DAC_READ_SEARCH.</returns>
    [Syscall("linkat", Flags = "linkat(olddirfd, oldpath, newdirfd, newpath, flags = AT_EMPTY_PATH | AT_SYMLINK_FOLLOW);")]
    public Errno LinkAt(SyscallContext context, FileDescriptor oldDirectory, UserPath oldPath, FileDescriptor newDirectory, UserPath newPath, [AllowUndefinedFlags] AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_EMPTY_PATH | AtFlags.AT_SYMLINK_FOLLOW)) != 0)
        {
            return Errno.EINVAL;
        }

        if ((flags & AtFlags.AT_EMPTY_PATH) != 0 && !context.Thread.Credentials.HasCapability(Abstractions.Processes.Capability.CAP_DAC_READ_SEARCH))
        {
            return Errno.ENOENT;
        }

        var error = ReadPaths(context, oldPath, newPath, out var oldBytes, out var newBytes);
        if (error != Errno.Success)
        {
            return error;
        }

        var walk = ((flags & AtFlags.AT_SYMLINK_FOLLOW) != 0 ? WalkFlags.Follow : WalkFlags.None) | ((flags & AtFlags.AT_EMPTY_PATH) != 0 ? WalkFlags.AllowEmpty : WalkFlags.None);
        return names.Link(context.Thread, oldDirectory, oldBytes, newDirectory, newBytes, walk);
    }

    [Syscall("symlink", Flags = "symlink(target, linkpath);")]
    public Errno SymbolicLink(SyscallContext context, UserPath target, UserPath path) => SymbolicLinkAt(context, target, FileDescriptor.CurrentDirectory, path);

    /// <summary>Makes a symbolic link.</summary>
    [Syscall("symlinkat", Flags = "symlinkat(target, newdirfd, linkpath);")]
    public Errno SymbolicLinkAt(SyscallContext context, UserPath target, FileDescriptor directory, UserPath path)
    {
        var error = ReadPaths(context, target, path, out var targetBytes, out var bytes);
        return error == Errno.Success ? names.SymbolicLink(context.Thread, targetBytes, directory, bytes) : error;
    }

    [Syscall("readlink", Flags = "readlink(path, buf, bufsiz);")]
    public SyscallResult ReadLink(SyscallContext context, UserPath path, UserAddress buffer, int size) => ReadLinkAt(context, FileDescriptor.CurrentDirectory, path, buffer, size);

    /// <summary>Reads the target of a symbolic link, without a NUL.</summary>
    /// <returns>EINVAL for a size that is not positive or a file that is no link; EFAULT.</returns>
    [Syscall("readlinkat", Flags = "readlinkat(dirfd, path, buf, bufsiz);")]
    public SyscallResult ReadLinkAt(SyscallContext context, FileDescriptor directory, UserPath path, UserAddress buffer, int size)
    {
        if (size <= 0)
        {
            return Errno.EINVAL;
        }

        var thread = context.Thread;
        var error = FileCalls.ReadPath(thread, path, out var bytes);
        if (error != Errno.Success)
        {
            return error;
        }

        var target = thread.SecondPathBuffer.AsSpan(0, Math.Min(size, thread.SecondPathBuffer.Length));
        if (!names.ReadLink(thread, directory, bytes, target).TryGet(out var length, out error))
        {
            return error;
        }

        var writer = buffer.Writer(length);
        return writer.Write(target[..length]) == length ? length : Errno.EFAULT;
    }

    private static Errno ReadPaths(SyscallContext context, UserPath first, UserPath second, out ReadOnlySpan<byte> firstBytes, out ReadOnlySpan<byte> secondBytes)
    {
        secondBytes = default;
        var error = FileCalls.ReadPath(context.Thread, first, out firstBytes);
        return error == Errno.Success ? FileCalls.ReadSecondPath(context.Thread, second, out secondBytes) : error;
    }
}
