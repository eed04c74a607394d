// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>access(2), chmod(2), chown(2), and their forms.</summary>
[Component(Stage = InitStage.Late)]
public sealed class AttributeCalls(IVirtualFileSystem files, IAttributeOperations attributes)
{
    private const int AnyAccess = 7;

    [Syscall("access", Flags = "access(path, mode = F_OK | R_OK | W_OK | X_OK);")]
    public Errno Access(SyscallContext context, UserPath path, int mode) => Access(context, FileDescriptor.CurrentDirectory, path, mode, AtFlags.None);

    /// <summary>faccessat of the kernel: it has no flags.</summary>
    [Syscall("faccessat", Flags = "faccessat(dirfd, path, mode = F_OK | R_OK | W_OK | X_OK);")]
    public Errno AccessAt(SyscallContext context, FileDescriptor directory, UserPath path, int mode) => Access(context, directory, path, mode, AtFlags.None);

    /// <summary>Checks access by the real ids, or by the effective ones with AT_EACCESS.</summary>
    /// <returns>EINVAL for an unknown flag or mode; EACCES; EROFS; every errno of a path walk.</returns>
    [Syscall("faccessat2", Flags = "faccessat2(dirfd, path, mode = F_OK | R_OK | W_OK | X_OK, flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_EACCESS);")]
    public Errno AccessAt2(SyscallContext context, FileDescriptor directory, UserPath path, int mode, [AllowUndefinedFlags] AtFlags flags)
        => Access(context, directory, path, mode, flags);

    [Syscall("chmod", Flags = "chmod(path, mode);")]
    public Errno ChangeMode(SyscallContext context, UserPath path, int mode) => ChangeModeAt(context, FileDescriptor.CurrentDirectory, path, mode);

    /// <summary>fchmodat of the kernel: it has no flags, and follows links.</summary>
    [Syscall("fchmodat", Flags = "fchmodat(dirfd, path, mode);")]
    public Errno ChangeModeAt(SyscallContext context, FileDescriptor directory, UserPath path, int mode)
        => FileCalls.WalkAt(files, context.Thread, directory, path, AtFlags.None).TryGet(out var place, out var error)
            ? attributes.ChangeMode(context.Thread, place.Mount, place.Inode, mode) : error;

    /// <summary>Changes the mode of an open file.</summary>
    [Syscall("fchmod", Flags = "fchmod(fd, mode);")]
    public Errno ChangeModeOfFile(SyscallContext context, FileDescriptor descriptor, int mode)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = attributes.ChangeMode(context.Thread, file.Path.Mount, file.Inode, mode);
        file.Release();
        return error;
    }

    [Syscall("chown", Flags = "chown(path, owner, group);")]
    public Errno ChangeOwner(SyscallContext context, UserPath path, uint owner, uint group) => ChangeOwnerAt(context, FileDescriptor.CurrentDirectory, path, owner, group, AtFlags.None);

    [Syscall("lchown", Flags = "lchown(path, owner, group);")]
    public Errno ChangeOwnerOfLink(SyscallContext context, UserPath path, uint owner, uint group)
        => ChangeOwnerAt(context, FileDescriptor.CurrentDirectory, path, owner, group, AtFlags.AT_SYMLINK_NOFOLLOW);

    /// <summary>Changes owner and group; -1 leaves one as it is.</summary>
    [Syscall("fchownat", Flags = "fchownat(dirfd, path, owner, group, flags = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW);")]
    public Errno ChangeOwnerAt(SyscallContext context, FileDescriptor directory, UserPath path, uint owner, uint group, [AllowUndefinedFlags] AtFlags flags)
    {
        if ((flags & ~(AtFlags.AT_EMPTY_PATH | AtFlags.AT_SYMLINK_NOFOLLOW)) != 0)
        {
            return Errno.EINVAL;
        }

        return FileCalls.WalkAt(files, context.Thread, directory, path, flags).TryGet(out var place, out var error)
            ? attributes.ChangeOwner(context.Thread, place.Mount, place.Inode, IdOrNull(owner), IdOrNull(group)) : error;
    }

    /// <summary>Changes owner and group of an open file.</summary>
    [Syscall("fchown", Flags = "fchown(fd, owner, group);")]
    public Errno ChangeOwnerOfFile(SyscallContext context, FileDescriptor descriptor, uint owner, uint group)
    {
        if (FileCalls.GetForIo(context.Thread, descriptor) is not { } file)
        {
            return Errno.EBADF;
        }

        var error = attributes.ChangeOwner(context.Thread, file.Path.Mount, file.Inode, IdOrNull(owner), IdOrNull(group));
        file.Release();
        return error;
    }

    private Errno Access(SyscallContext context, FileDescriptor directory, UserPath path, int mode, AtFlags flags)
    {
        // AT_EACCESS shares its value with AT_REMOVEDIR.
        const AtFlags effectiveAccess = AtFlags.AT_REMOVEDIR;
        if ((mode & ~AnyAccess) != 0 || (flags & ~(effectiveAccess | AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
        {
            return Errno.EINVAL;
        }

        var thread = context.Thread;
        var credentials = thread.Credentials;
        var real = (flags & effectiveAccess) != 0 ? credentials : WithRealIds(credentials);
        if (ReferenceEquals(real, credentials))
        {
            return Check(thread, directory, path, mode, flags, credentials);
        }

        // The walk itself is by the real ids as well (access_override_creds).
        thread.Credentials = real;
        var error = Check(thread, directory, path, mode, flags, real);
        thread.Credentials = credentials;
        return error;
    }

    private Errno Check(IThread thread, FileDescriptor directory, UserPath path, int mode, AtFlags flags, Credentials credentials)
    {
        if (!FileCalls.WalkAt(files, thread, directory, path, flags).TryGet(out var place, out var error))
        {
            return error;
        }

        return mode == 0 ? Errno.Success : files.CheckAccess(credentials, place, mode);
    }

    /// <summary>The credentials that access(2) judges by: real ids, and capabilities only for real uid 0.</summary>
    private static Credentials WithRealIds(Credentials credentials)
    {
        var capabilities = credentials.RealUid == 0 ? credentials.PermittedCapabilities : 0;
        return credentials.FileSystemUid == credentials.RealUid && credentials.FileSystemGid == credentials.RealGid && credentials.EffectiveCapabilities == capabilities
            ? credentials
            : credentials with { FileSystemUid = credentials.RealUid, FileSystemGid = credentials.RealGid, EffectiveCapabilities = capabilities };
    }

    private static uint? IdOrNull(uint id) => id == uint.MaxValue ? null : id;
}
