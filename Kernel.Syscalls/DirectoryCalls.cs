// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>getdents(2), getdents64(2), getcwd(2), chdir(2), fchdir(2), chroot(2), umask(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class DirectoryCalls(IVirtualFileSystem files)
{
    private const int Search = 1;

    /// <summary>Lists a directory in the layout of <c>struct linux_dirent64</c>.</summary>
    /// <returns>EBADF; ENOTDIR; ENOENT for a removed directory; EINVAL when not one entry fits; EFAULT.</returns>
    [Syscall("getdents64", Flags = "getdents64(fd, dirp, count);")]
    public SyscallResult ListEntries64(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, uint count) => List(context.Thread, descriptor, buffer, count, isOldLayout: false);

    /// <summary>Lists a directory in the old layout, with the type behind the name.</summary>
    [Syscall("getdents", Flags = "getdents(fd, dirp, count);")]
    public SyscallResult ListEntries(SyscallContext context, FileDescriptor descriptor, UserAddress buffer, uint count) => List(context.Thread, descriptor, buffer, count, isOldLayout: true);

    /// <summary>The working directory's path with its NUL.</summary>
    /// <returns>The length with the NUL; ERANGE; ENOENT when it was removed; EFAULT.</returns>
    [Syscall("getcwd", Flags = "getcwd(buf, size);")]
    public SyscallResult GetWorkingDirectory(SyscallContext context, UserAddress buffer, ulong size)
    {
        var place = context.Thread.FileSystem.WorkingDirectory;
        if (place.Entry is { IsDeleted: true })
        {
            return Errno.ENOENT;
        }

        var path = files.GetAbsolutePath(context.Thread, place);
        var prefix = files.IsReachable(context.Thread, place) ? default : "(unreachable)"u8;
        var length = prefix.Length + path.Length + 1;
        if (length > UserPath.MaxLength)
        {
            return Errno.ENAMETOOLONG;
        }

        if ((ulong)length > size)
        {
            return Errno.ERANGE;
        }

        var writer = buffer.Writer(length);
        writer.Write(prefix);
        writer.Write(path);
        writer.Write("\0"u8);
        return writer.HasFaulted ? Errno.EFAULT : length;
    }

    /// <summary>Changes the working directory.</summary>
    [Syscall("chdir", Flags = "chdir(path);")]
    public Errno ChangeDirectory(SyscallContext context, UserPath path)
    {
        var thread = context.Thread;
        var error = FindDirectory(thread, path, out var place);
        if (error == Errno.Success)
        {
            thread.FileSystem.WorkingDirectory = place;
        }

        return error;
    }

    /// <summary>Changes the working directory to an open one.</summary>
    /// <returns>EBADF; ENOTDIR; EACCES.</returns>
    [Syscall("fchdir", Flags = "fchdir(fd);")]
    public Errno ChangeDirectoryToFile(SyscallContext context, FileDescriptor descriptor)
    {
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = file.Inode.Type != InodeType.Directory ? Errno.ENOTDIR : files.CheckAccess(context.Thread, file.Inode, Search);
        if (error == Errno.Success)
        {
            context.Thread.FileSystem.WorkingDirectory = file.Path;
        }

        file.Release();
        return error;
    }

    /// <summary>Changes the root directory.</summary>
    /// <returns>EPERM without CAP_SYS_CHROOT, and every errno of chdir(2).</returns>
    [Syscall("chroot", Flags = "chroot(path);")]
    public Errno ChangeRoot(SyscallContext context, UserPath path)
    {
        var thread = context.Thread;
        var error = FindDirectory(thread, path, out var place);
        if (error != Errno.Success)
        {
            return error;
        }

        if (!thread.Credentials.HasCapability(Capability.CAP_SYS_CHROOT))
        {
            return Errno.EPERM;
        }

        thread.FileSystem.Root = place;
        return Errno.Success;
    }

    /// <summary>Sets the file mode creation mask and returns the old one.</summary>
    [Syscall("umask", Flags = "umask(mask);")]
    public SyscallResult SetFileModeMask(SyscallContext context, int mask)
    {
        var old = context.Thread.FileSystem.FileModeMask;
        context.Thread.FileSystem.FileModeMask = mask & 0x1ff;
        return old;
    }

    private Errno FindDirectory(IThread thread, UserPath path, out FilePath place)
    {
        place = default;
        var error = FileCalls.ReadPath(thread, path, out var bytes);
        if (error != Errno.Success)
        {
            return error;
        }

        return files.Walk(thread, bytes, WalkFlags.Follow | WalkFlags.Directory).TryGet(out place, out error) ? files.CheckAccess(thread, place.Inode, Search) : error;
    }

    private static SyscallResult List(IThread thread, FileDescriptor descriptor, UserAddress buffer, uint count, bool isOldLayout)
    {
        if (FileCalls.GetForIo(thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        SyscallResult result;
        if (!FileCalls.IsUserRange(buffer.Value, count))
        {
            result = Errno.EFAULT;
        }
        else
        {
            var visitor = new EntryWriter(buffer.Value, count, isOldLayout);
            var error = file.ReadDirectory(visitor);
            result = visitor.Written > 0 ? visitor.Written : error != Errno.Success ? error : visitor.Error;
        }

        file.Release();
        return result;
    }

    /// <summary>Writes entries to user memory, each padded to 8 bytes.</summary>
    private sealed class EntryWriter(ulong address, uint capacity, bool isOldLayout) : IDirectoryVisitor
    {
        private const int MaxRecord = 24 + 255;

        public long Written { get; private set; }

        public Errno Error { get; private set; }

        public bool Visit(ReadOnlySpan<byte> name, ulong inodeNumber, InodeType type, long nextOffset)
        {
            // d_ino, d_off and d_reclen, then either the type and the name, or the name, its NUL and the type as the last byte.
            var used = isOldLayout ? 18 + name.Length + 2 : 19 + name.Length + 1;
            var length = (used + 7) & ~7;
            if (length > capacity - Written || name.Length > 255)
            {
                Error = Written == 0 ? Errno.EINVAL : Errno.Success;
                return false;
            }

            Span<byte> record = stackalloc byte[MaxRecord + 8];
            record.Clear();
            BinaryPrimitives.WriteUInt64LittleEndian(record, inodeNumber);
            BinaryPrimitives.WriteInt64LittleEndian(record[8..], nextOffset);
            BinaryPrimitives.WriteUInt16LittleEndian(record[16..], (ushort)length);
            if (isOldLayout)
            {
                name.CopyTo(record[18..]);
                record[length - 1] = (byte)((int)type >> 12);
            }
            else
            {
                record[18] = (byte)((int)type >> 12);
                name.CopyTo(record[19..]);
            }

            var writer = VmWriter.FromUser(address + (ulong)Written, length);
            if (writer.Write(record[..length]) < length)
            {
                Error = Errno.EFAULT;
                return false;
            }

            Written += length;
            return true;
        }
    }
}
