// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Proc.Inodes;

/// <summary>What all files of procfs have. Attributes cannot be changed; times are those of the moment.</summary>
internal abstract class ProcInode(ProcFileSystem system, ulong number, int mode) : Inode
{
    protected ProcFileSystem System => system;

    public override IFileSystemInstance FileSystem => system;

    public override ulong Number => number;

    /// <summary>Owner: the process's user for files of processes.</summary>
    protected virtual (uint Uid, uint Gid) Owner => (0, 0);

    public override InodePermission GetPermission()
    {
        var (uid, gid) = Owner;
        return new InodePermission(mode, uid, gid);
    }

    public override InodeAttributes GetAttributes()
    {
        var (uid, gid) = Owner;
        var now = system.NowNs;
        return new InodeAttributes
        {
            DeviceId = system.DeviceId,
            InodeNumber = Number,
            Type = Type,
            Mode = mode,
            LinkCount = LinkCount,
            Uid = uid,
            Gid = gid,
            BlockSizeBytes = 1024,
            AccessTimeNs = now,
            ModificationTimeNs = now,
            ChangeTimeNs = now,
        };
    }

    /// <summary>Programs open what they can write with O_TRUNC: accepted without effect, as in Linux.</summary>
    public override Errno SetAttributes(in AttributeChange change)
        => change is { SizeBytes: not null, Mode: null, Uid: null, Gid: null } ? Errno.Success : Errno.EPERM;

    /// <summary>Linux looks a name up before it makes it, and what procfs doesn't have is not found.</summary>
    public override Result<Inode> Create(ReadOnlySpan<byte> name, InodeType type, int permissions, uint uid, uint gid, DeviceNumber device) => Errno.ENOENT;

    public override Result<Inode> CreateSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint uid, uint gid) => Errno.ENOENT;

    protected virtual uint LinkCount => 1;
}
