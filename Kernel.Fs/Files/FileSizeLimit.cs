// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Files;

/// <summary>RLIMIT_FSIZE of the calling process (man 2 getrlimit). Who exceeds it gets EFBIG here; the system call sends SIGXFSZ.</summary>
public static class FileSizeLimit
{
    /// <summary>The largest size that the caller may give a file; no limit for the kernel itself.</summary>
    public static long CurrentBytes
    {
        get
        {
            var limit = CurrentThread.OrNull?.Process.Limits.Soft(ResourceKind.FileSize) ?? ResourceLimits.Infinity;
            return limit > long.MaxValue ? long.MaxValue : (long)limit;
        }
    }
}
