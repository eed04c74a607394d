// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>What the file system calls have in common: descriptors, paths, and the AT_* flags.</summary>
internal static class FileCalls
{
    /// <summary>The most that one call transfers (MAX_RW_COUNT of 4 KiB pages, man 2 read, NOTES).</summary>
    public const int MaxTransferBytes = IoVector.MaximumTotalBytes;

    /// <summary>The file of a descriptor with a reference for the caller; null for a bad one, and for one opened with O_PATH.</summary>
    public static OpenFile? GetForIo(IThread thread, FileDescriptor descriptor)
    {
        var file = thread.Files.Get(descriptor.Number);
        if (file is null || (file.StatusFlags & OpenFlags.O_PATH) == 0)
        {
            return file;
        }

        file.Release();
        return null;
    }

    /// <summary>True when a range lies in user space as a whole (access_ok).</summary>
    public static bool IsUserRange(ulong address, ulong length) => length <= Paging.UserSpaceEnd && address <= Paging.UserSpaceEnd - length;

    /// <summary>Sends SIGXFSZ with an EFBIG of a process that has a file size limit (man 2 setrlimit, RLIMIT_FSIZE).</summary>
    public static SyscallResult NoteSizeLimit(ISignalService signals, IThread thread, SyscallResult result)
    {
        if (result.Register == -(long)Errno.EFBIG && thread.Process.Limits.Soft(ResourceKind.FileSize) != ResourceLimits.Infinity)
        {
            signals.SendToThread(thread, SignalInfo.FromKernel(Signal.SIGXFSZ));
        }

        return result;
    }

    /// <summary>Copies a path into the thread's path buffer.</summary>
    public static Errno ReadPath(IThread thread, UserPath path, out ReadOnlySpan<byte> bytes) => ReadPath(path, thread.PathBuffer, out bytes);

    /// <summary>Copies a path into the thread's second path buffer.</summary>
    public static Errno ReadSecondPath(IThread thread, UserPath path, out ReadOnlySpan<byte> bytes) => ReadPath(path, thread.SecondPathBuffer, out bytes);

    private static Errno ReadPath(UserPath path, byte[] buffer, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!path.Read(buffer).TryGet(out var length, out var error))
        {
            return error;
        }

        bytes = buffer.AsSpan(0, length);
        return Errno.Success;
    }

    /// <summary>Walks for a call with AT_* flags.</summary>
    /// <param name="followByDefault">False for calls with AT_SYMLINK_FOLLOW in place of AT_SYMLINK_NOFOLLOW.</param>
    public static Result<FilePath> WalkAt(IVirtualFileSystem files, IThread thread, FileDescriptor directory, UserPath path, AtFlags flags, bool followByDefault = true)
    {
        var error = ReadPath(thread, path, out var bytes);
        if (error != Errno.Success)
        {
            return error;
        }

        var follow = followByDefault ? (flags & AtFlags.AT_SYMLINK_NOFOLLOW) == 0 : (flags & AtFlags.AT_SYMLINK_FOLLOW) != 0;
        var walk = (follow ? WalkFlags.Follow : WalkFlags.None) | ((flags & AtFlags.AT_EMPTY_PATH) != 0 ? WalkFlags.AllowEmpty : WalkFlags.None);
        return files.WalkAt(thread, directory, bytes, walk);
    }
}

/// <summary>The AT_* flags.</summary>
[Flags]
public enum AtFlags
{
    None = 0,
    AT_SYMLINK_NOFOLLOW = 0x100,

    /// <summary>unlinkat's AT_REMOVEDIR and faccessat2's AT_EACCESS have the same value.</summary>
    AT_REMOVEDIR = 0x200,
    AT_SYMLINK_FOLLOW = 0x400,
    AT_NO_AUTOMOUNT = 0x800,
    AT_EMPTY_PATH = 0x1000,
    AT_STATX_FORCE_SYNC = 0x2000,
    AT_STATX_DONT_SYNC = 0x4000,
}
