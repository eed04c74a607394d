// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>pipe(2), pipe2(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Pipes(IPipeFactory pipes)
{
    /// <summary>Creates a pipe.</summary>
    /// <returns>EFAULT; EMFILE.</returns>
    [Syscall("pipe", Flags = "pipe(pipefd);")]
    public Errno Pipe(SyscallContext context, UserPtr<int> descriptors) => Pipe2(context, descriptors, 0);

    /// <summary>Creates a pipe with flags.</summary>
    /// <returns>EFAULT; EMFILE; EINVAL for an unknown flag.</returns>
    [Syscall("pipe2", Flags = "pipe2(pipefd, flags = O_CLOEXEC | O_NONBLOCK | O_DIRECT);")]
    public Errno Pipe2(SyscallContext context, UserPtr<int> descriptors, [AllowUndefinedFlags] OpenFlags flags)
    {
        if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT)) != 0)
        {
            return Errno.EINVAL;
        }

        if (!pipes.CreatePipe(flags, context.Thread.Credentials).TryGet(out var ends, out var error))
        {
            return error;
        }

        var files = context.Thread.Files;
        var limit = context.Process.Limits.Soft(ResourceKind.OpenFiles);
        var closeOnExec = (flags & OpenFlags.O_CLOEXEC) != 0;
        if (!files.Allocate(ends.Reader, closeOnExec, 0, limit).TryGet(out var reader, out error))
        {
            ends.Reader.Release();
            ends.Writer.Release();
            return error;
        }

        if (!files.Allocate(ends.Writer, closeOnExec, 0, limit).TryGet(out var writer, out error))
        {
            files.Retract(reader, ends.Reader, context.Process);
            ends.Writer.Release();
            return error;
        }

        error = descriptors.Write(reader);
        error = error == Errno.Success ? descriptors[1].Write(writer) : error;
        if (error != Errno.Success)
        {
            files.Retract(reader, ends.Reader, context.Process);
            files.Retract(writer, ends.Writer, context.Process);
        }

        return error;
    }
}
