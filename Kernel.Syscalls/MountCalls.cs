// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>mount(2), umount2(2), pivot_root(2), sync(2), syncfs(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class MountCalls(IMountOperations mounts)
{
    private const string MountRules = """
        per_mount_flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME | MS_NOSYMFOLLOW | MS_SILENT;
        mount(source, target, filesystemtype, mountflags = <per_mount_flags>, data);
        mount(source, target, filesystemtype, mountflags = MS_REMOUNT | MS_BIND | <per_mount_flags>, data);
        mount(source, target, filesystemtype, mountflags = MS_BIND | MS_REC, data);
        mount(source, target, filesystemtype, mountflags = MS_MOVE, data);
        mount(source, target, filesystemtype, mountflags = MS_PRIVATE | MS_SLAVE | MS_REC, data);
        """;

    /// <summary>Mounts, remounts, binds or moves.</summary>
    /// <returns>Every errno of mount(2).</returns>
    [Syscall("mount", Flags = MountRules)]
    public Errno Mount(SyscallContext context, UserPath source, UserPath target, UserPath type, ulong flags, UserAddress data)
    {
        // Linux copies the type, the source and the data before it looks at the target.
        if (!ReadString(type).TryGet(out var typeName, out var error))
        {
            return error;
        }

        ReadOnlySpan<byte> sourceBytes = default;
        if (!source.IsNull)
        {
            error = FileCalls.ReadSecondPath(context.Thread, source, out sourceBytes);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        if (!ReadData(data).TryGet(out var options, out error))
        {
            return error;
        }

        error = FileCalls.ReadPath(context.Thread, target, out var targetBytes);
        if (error != Errno.Success)
        {
            return error;
        }

        var sourceText = source.IsNull ? "none" : Encoding.Latin1.GetString(sourceBytes);
        return mounts.Mount(context.Thread, sourceText, sourceBytes, targetBytes, typeName, flags, options);
    }

    /// <summary>Unmounts.</summary>
    /// <returns>Every errno of umount2(2).</returns>
    [Syscall("umount2", Flags = "umount2(target, flags = MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW);")]
    public Errno Unmount(SyscallContext context, UserPath target, int flags)
    {
        var error = FileCalls.ReadPath(context.Thread, target, out var bytes);
        return error == Errno.Success ? mounts.Unmount(context.Thread, bytes, flags) : error;
    }

    /// <summary>Changes the root mount.</summary>
    [Syscall("pivot_root", Flags = "pivot_root(new_root, put_old);")]
    public Errno PivotRoot(SyscallContext context, UserPath newRoot, UserPath oldRoot)
    {
        var error = FileCalls.ReadPath(context.Thread, newRoot, out var newBytes);
        if (error != Errno.Success)
        {
            return error;
        }

        error = FileCalls.ReadSecondPath(context.Thread, oldRoot, out var oldBytes);
        return error == Errno.Success ? mounts.PivotRoot(context.Thread, newBytes, oldBytes) : error;
    }

    /// <summary>Writes back all file systems.</summary>
    [Syscall("sync", Flags = "sync();")]
    public Errno Synchronize()
    {
        mounts.SynchronizeAll();
        return Errno.Success;
    }

    /// <summary>Writes back the file system of a descriptor.</summary>
    [Syscall("syncfs", Flags = "syncfs(fd);")]
    public Errno SynchronizeFileSystem(SyscallContext context, FileDescriptor descriptor)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = file.Inode.FileSystem.Synchronize();
        file.Release();
        return error;
    }

    /// <summary>A string of at most a page: EINVAL for a longer one (strndup_user).</summary>
    private static Result<string> ReadString(UserPath address)
    {
        if (address.IsNull)
        {
            return "";
        }

        var buffer = new byte[UserPath.MaxLength];
        var length = UserMemory.ReadString(address.Address, buffer);
        return length < 0 ? Errno.EFAULT : length >= buffer.Length ? Errno.EINVAL : Encoding.Latin1.GetString(buffer, 0, length);
    }

    /// <summary>The data argument: up to a page, as far as it can be read (copy_mount_options).</summary>
    private static Result<string> ReadData(UserAddress data)
    {
        if (data.IsNull)
        {
            return "";
        }

        var buffer = new byte[UserPath.MaxLength - 1];
        var reader = data.Reader(buffer.Length);
        var copied = reader.Read(buffer);
        if (copied == 0)
        {
            return Errno.EFAULT;
        }

        var end = buffer.AsSpan(0, copied).IndexOf((byte)0);
        return Encoding.Latin1.GetString(buffer, 0, end < 0 ? copied : end);
    }
}
