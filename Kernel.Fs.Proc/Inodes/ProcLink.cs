// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Proc.Inodes;

/// <summary>A symbolic link whose target depends on who reads it (self, thread-self), or is fixed (mounts).</summary>
internal sealed class ProcLink(ProcFileSystem system, ulong number, Func<IThread, string?> target) : ProcInode(system, number, 0x1ff)
{
    public override InodeType Type => InodeType.SymbolicLink;

    public override Result<int> ReadLink(Span<byte> buffer)
    {
        if (CurrentThread.OrNull is not { } thread || target(thread) is not { } text)
        {
            return Errno.ENOENT;
        }

        var length = Math.Min(text.Length, buffer.Length);
        global::System.Text.Encoding.Latin1.GetBytes(text.AsSpan(0, length), buffer);
        return length;
    }
}
