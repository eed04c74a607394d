// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;

namespace Kernel.Syscalls;

/// <summary>utimensat(2), futimesat(2), utimes(2), utime(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class FileTimes(IVirtualFileSystem files, IAttributeOperations attributes, ITimeKeeper time)
{
    private const long UTIME_NOW = 0x3fffffff;
    private const long UTIME_OMIT = 0x3ffffffe;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Sets access and modification times.</summary>
    /// <returns>EINVAL for a bad fraction or an unknown flag; EFAULT; EPERM; EACCES; EROFS; every errno of a path walk.</returns>
    [Syscall("utimensat", Flags = "utimensat(dirfd, path, times, flags = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH);")]
    public Errno SetTimes(SyscallContext context, FileDescriptor directory, UserPath path, UserPtr<(long Seconds, long Fraction)> times, [AllowUndefinedFlags] AtFlags flags)
    {
        long? access = time.RealTimeNs, modification = access;
        var isNow = true;
        if (!times.IsNull)
        {
            if (!times[0].Read().TryGet(out var first, out var error) || !times[1].Read().TryGet(out var second, out error))
            {
                return error;
            }

            if (!TryConvert(first.Seconds, first.Fraction, ref access) || !TryConvert(second.Seconds, second.Fraction, ref modification))
            {
                return Errno.EINVAL;
            }

            isNow = first.Fraction == UTIME_NOW && second.Fraction == UTIME_NOW;
            if (access is null && modification is null)
            {
                return Errno.Success;
            }
        }

        return Apply(context, directory, path, access, modification, isNow, flags);
    }

    /// <summary>The same with microseconds, relative to a directory.</summary>
    [Syscall("futimesat", Flags = "futimesat(dirfd, path, times);")]
    public Errno SetTimesAt(SyscallContext context, FileDescriptor directory, UserPath path, UserPtr<(long Seconds, long Fraction)> times)
    {
        long? access = time.RealTimeNs, modification = access;
        if (!times.IsNull)
        {
            if (!times[0].Read().TryGet(out var first, out var error) || !times[1].Read().TryGet(out var second, out error))
            {
                return error;
            }

            if (first.Fraction is < 0 or >= 1_000_000 || second.Fraction is < 0 or >= 1_000_000)
            {
                return Errno.EINVAL;
            }

            access = Saturate(first.Seconds, first.Fraction * 1000);
            modification = Saturate(second.Seconds, second.Fraction * 1000);
        }

        return Apply(context, directory, path, access, modification, times.IsNull, AtFlags.None);
    }

    [Syscall("utimes", Flags = "utimes(path, times);")]
    public Errno SetTimesOfPath(SyscallContext context, UserPath path, UserPtr<(long Seconds, long Fraction)> times) => SetTimesAt(context, FileDescriptor.CurrentDirectory, path, times);

    /// <summary>The same with whole seconds.</summary>
    [Syscall("utime", Flags = "utime(path, times);")]
    public Errno SetTime(SyscallContext context, UserPath path, UserPtr<(long Access, long Modification)> times)
    {
        long? access = time.RealTimeNs, modification = access;
        if (!times.IsNull)
        {
            if (!times.Read().TryGet(out var values, out var error))
            {
                return error;
            }

            access = Saturate(values.Access, 0);
            modification = Saturate(values.Modification, 0);
        }

        return Apply(context, FileDescriptor.CurrentDirectory, path, access, modification, times.IsNull, AtFlags.None);
    }

    private Errno Apply(SyscallContext context, FileDescriptor directory, UserPath path, long? access, long? modification, bool isNow, AtFlags flags)
    {
        var thread = context.Thread;
        if ((flags & ~(AtFlags.AT_SYMLINK_NOFOLLOW | AtFlags.AT_EMPTY_PATH)) != 0)
        {
            return Errno.EINVAL;
        }

        // Without a path the descriptor itself is meant (futimens).
        if (path.IsNull && directory != FileDescriptor.CurrentDirectory)
        {
            if (flags != AtFlags.None)
            {
                return Errno.EINVAL;
            }

            if (FileCalls.GetForIo(thread, directory) is not { } file)
            {
                return Errno.EBADF;
            }

            var result = attributes.SetTimes(thread, file.Path.Mount, file.Inode, access, modification, isNow);
            file.Release();
            return result;
        }

        return FileCalls.WalkAt(files, thread, directory, path, flags).TryGet(out var place, out var error)
            ? attributes.SetTimes(thread, place.Mount, place.Inode, access, modification, isNow) : error;
    }

    private static bool TryConvert(long seconds, long fraction, ref long? value)
    {
        switch (fraction)
        {
            case UTIME_NOW:
                return true;
            case UTIME_OMIT:
                value = null;
                return true;
            case < 0 or >= NanosecondsPerSecond:
                return false;
            default:
                value = Saturate(seconds, fraction);
                return true;
        }
    }

    /// <summary>Times are kept in 64-bit nanoseconds (years 1678 to 2262): what lies beyond is cut to the bounds, as Linux cuts to a file system's range.</summary>
    private static long Saturate(long seconds, long nanoseconds)
    {
        const long most = long.MaxValue / NanosecondsPerSecond - 1;
        return seconds > most ? most * NanosecondsPerSecond : seconds < -most ? -most * NanosecondsPerSecond : seconds * NanosecondsPerSecond + nanoseconds;
    }
}
