// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Proc.Processes;

namespace Kernel.Fs.Proc.Inodes;

/// <summary>/proc: the fixed entries, then a directory for each process.</summary>
internal sealed class ProcRoot(ProcFileSystem system, ProcDirectory fixedEntries) : ProcInode(system, 1, 0x16d)
{
    /// <summary>Positions from here on are pids: the fixed entries stay below.</summary>
    private const long FirstProcess = 0x100;

    public override InodeType Type => InodeType.Directory;

    /// <summary>A pid that is missing now may be there in a moment.</summary>
    public override bool CachesMissingNames => false;

    protected override uint LinkCount => 2 + (uint)System.Processes.Count;

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name)
    {
        if (fixedEntries.Find(name) is { } inode)
        {
            return inode;
        }

        return TryParseId(name, out var pid) && System.Processes.FindThread(pid) is { } thread ? new ProcessDirectory(System, thread.Process, pid) : FindProcess(pid);
    }

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        if (position < FirstProcess && !fixedEntries.Visit(position, visitor, out _))
        {
            return Errno.Success;
        }

        Span<byte> name = stackalloc byte[11];
        foreach (var process in System.Processes.Processes)
        {
            if (process.Pid + FirstProcess <= position - 1 && position > FirstProcess)
            {
                continue;
            }

            process.Pid.TryFormat(name, out var length, default, CultureInfo.InvariantCulture);
            if (!visitor.Visit(name[..length], ProcessDirectory.NumberOf(process.Pid), InodeType.Directory, process.Pid + FirstProcess + 1))
            {
                break;
            }
        }

        return Errno.Success;
    }

    /// <summary>A decimal number without leading zeros.</summary>
    public static bool TryParseId(ReadOnlySpan<byte> name, out int id)
    {
        id = 0;
        if (name.Length is 0 or > 10 || (name[0] == (byte)'0' && name.Length > 1))
        {
            return false;
        }

        long value = 0;
        foreach (var digit in name)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            value = value * 10 + digit - '0';
        }

        id = (int)Math.Min(value, int.MaxValue);
        return value <= int.MaxValue;
    }

    private Result<Inode> FindProcess(int pid)
        => pid > 0 && System.Processes.FindProcess(pid) is { } process ? new ProcessDirectory(System, process, pid) : Errno.ENOENT;
}
