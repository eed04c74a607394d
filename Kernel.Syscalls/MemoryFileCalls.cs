// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>memfd_create(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class MemoryFileCalls(IMemoryFiles memoryFiles)
{
    /// <summary>MFD_NAME_MAX_LEN: a name component without "memfd:".</summary>
    private const int MaxNameLength = 249;

    /// <summary>Flags of memfd_create(2).</summary>
    [Flags]
    public enum MemoryFileFlags : uint
    {
        None = 0,
        MFD_CLOEXEC = 1,
        MFD_ALLOW_SEALING = 2,
    }

    /// <summary>Makes a file in memory.</summary>
    /// <returns>EINVAL for an unknown flag or a name too long; EFAULT; EMFILE; ENOMEM.</returns>
    [Syscall("memfd_create", Flags = "memfd_create(name, flags = MFD_CLOEXEC | MFD_ALLOW_SEALING);")]
    public SyscallResult Create(SyscallContext context, UserPath name, MemoryFileFlags flags)
    {
        Span<byte> buffer = stackalloc byte[MaxNameLength + 1];
        var length = UserMemory.ReadString(name.Address, buffer);
        if (length < 0)
        {
            return Errno.EFAULT;
        }

        if (length > MaxNameLength)
        {
            return Errno.EINVAL;
        }

        if (!memoryFiles.Create(context.Thread, buffer[..length], (flags & MemoryFileFlags.MFD_ALLOW_SEALING) != 0).TryGet(out var file, out var error))
        {
            return error;
        }

        var result = context.Thread.Files.Allocate(file, (flags & MemoryFileFlags.MFD_CLOEXEC) != 0, 0, context.Process.Limits.Soft(ResourceKind.OpenFiles));
        if (result.IsError)
        {
            file.Release();
        }

        return result;
    }
}
