// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>
/// The xattr(7) calls, for file systems without extended attributes: a list is empty, reading or removing one answers EOPNOTSUPP, and so does setting one. Descriptors, paths and names are checked first.
/// </summary>
[Component(Stage = InitStage.Late)]
public sealed class ExtendedAttributes(IVirtualFileSystem files)
{
    /// <summary>XATTR_NAME_MAX.</summary>
    private const int MaxNameLength = 255;

    private const int XATTR_CREATE = 1;
    private const int XATTR_REPLACE = 2;

    [Syscall("getxattr", Flags = "getxattr(path, name, value, size);")]
    public Errno Get(SyscallContext context, UserPath path, UserPath name) => OnPath(context, path, name, AtFlags.None);

    [Syscall("lgetxattr", Flags = "lgetxattr(path, name, value, size);")]
    public Errno GetOfLink(SyscallContext context, UserPath path, UserPath name) => OnPath(context, path, name, AtFlags.AT_SYMLINK_NOFOLLOW);

    [Syscall("fgetxattr", Flags = "fgetxattr(fd, name, value, size);")]
    public Errno GetOfFile(SyscallContext context, FileDescriptor descriptor, UserPath name) => OnFile(context, descriptor, name);

    [Syscall("setxattr", Flags = "setxattr(path, name, value, size, flags = XATTR_CREATE | XATTR_REPLACE);")]
    public Errno Set(SyscallContext context, UserPath path, UserPath name, UserAddress value, ulong size, int flags)
        => CheckSet(size, flags) is var error && error != Errno.Success ? error : OnPath(context, path, name, AtFlags.None);

    [Syscall("lsetxattr", Flags = "lsetxattr(path, name, value, size, flags = XATTR_CREATE | XATTR_REPLACE);")]
    public Errno SetOfLink(SyscallContext context, UserPath path, UserPath name, UserAddress value, ulong size, int flags)
        => CheckSet(size, flags) is var error && error != Errno.Success ? error : OnPath(context, path, name, AtFlags.AT_SYMLINK_NOFOLLOW);

    [Syscall("fsetxattr", Flags = "fsetxattr(fd, name, value, size, flags = XATTR_CREATE | XATTR_REPLACE);")]
    public Errno SetOfFile(SyscallContext context, FileDescriptor descriptor, UserPath name, UserAddress value, ulong size, int flags)
        => CheckSet(size, flags) is var error && error != Errno.Success ? error : OnFile(context, descriptor, name);

    [Syscall("removexattr", Flags = "removexattr(path, name);")]
    public Errno Remove(SyscallContext context, UserPath path, UserPath name) => OnPath(context, path, name, AtFlags.None);

    [Syscall("lremovexattr", Flags = "lremovexattr(path, name);")]
    public Errno RemoveOfLink(SyscallContext context, UserPath path, UserPath name) => OnPath(context, path, name, AtFlags.AT_SYMLINK_NOFOLLOW);

    [Syscall("fremovexattr", Flags = "fremovexattr(fd, name);")]
    public Errno RemoveOfFile(SyscallContext context, FileDescriptor descriptor, UserPath name) => OnFile(context, descriptor, name);

    /// <summary>The list of names: empty.</summary>
    [Syscall("listxattr", Flags = "listxattr(path, list, size);")]
    public SyscallResult List(SyscallContext context, UserPath path) => FileCalls.WalkAt(files, context.Thread, FileDescriptor.CurrentDirectory, path, AtFlags.None).Error;

    [Syscall("llistxattr", Flags = "llistxattr(path, list, size);")]
    public SyscallResult ListOfLink(SyscallContext context, UserPath path)
        => FileCalls.WalkAt(files, context.Thread, FileDescriptor.CurrentDirectory, path, AtFlags.AT_SYMLINK_NOFOLLOW).Error;

    [Syscall("flistxattr", Flags = "flistxattr(fd, list, size);")]
    public SyscallResult ListOfFile(SyscallContext context, FileDescriptor descriptor)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        file.Release();
        return 0;
    }

    private Errno OnPath(SyscallContext context, UserPath path, UserPath name, AtFlags flags)
    {
        var walked = FileCalls.WalkAt(files, context.Thread, FileDescriptor.CurrentDirectory, path, flags);
        return walked.IsError ? walked.Error : CheckName(name);
    }

    private static Errno OnFile(SyscallContext context, FileDescriptor descriptor, UserPath name)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        file.Release();
        return CheckName(name);
    }

    private static Errno CheckSet(ulong size, int flags)
        => (flags & ~(XATTR_CREATE | XATTR_REPLACE)) != 0 ? Errno.EINVAL : size > 65536 ? Errno.E2BIG : Errno.Success;

    private static Errno CheckName(UserPath name)
    {
        Span<byte> buffer = stackalloc byte[MaxNameLength + 1];
        var length = UserMemory.ReadString(name.Address, buffer);
        return length < 0 ? Errno.EFAULT : length is 0 or > MaxNameLength ? Errno.ERANGE : Errno.EOPNOTSUPP;
    }
}
