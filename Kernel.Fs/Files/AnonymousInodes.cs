// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.Dentries;
using Kernel.Fs.Mounts;
using Ostd.Memory;

namespace Kernel.Fs.Files;

/// <summary>Inodes of pipes, sockets and their like, which are in no directory (Linux's pipefs, sockfs, anon_inodefs).</summary>
[Component]
public sealed class AnonymousInodes(ITimeKeeper time) : IAnonymousInodes
{
    private readonly AnonymousFileSystem _pipes = new("pipefs", 0x50495045, 11);
    private readonly AnonymousFileSystem _sockets = new("sockfs", 0x534f434b, 8);
    private readonly AnonymousFileSystem _others = new("anon_inodefs", 0x09041934, 14);
    private long _lastNumber = 1024;

    /// <inheritdoc/>
    public Inode Create(InodeType type, string label, int mode, Credentials owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        var system = type switch
        {
            InodeType.Fifo => _pipes,
            InodeType.Socket => _sockets,
            _ => _others,
        };

        return new AnonymousInode(system, type, label, mode, owner, (ulong)Interlocked.Increment(ref _lastNumber), time.RealTimeNs);
    }

    /// <summary>What the links of /proc/pid/fd show for a file without a place: <c>pipe:[17]</c>, <c>anon_inode:[eventfd]</c>.</summary>
    public static byte[] Describe(Inode inode)
    {
        ArgumentNullException.ThrowIfNull(inode);
        var label = inode is AnonymousInode anonymous ? anonymous.Label : inode.FileSystem.TypeName;
        return Encoding.Latin1.GetBytes(inode.Type switch
        {
            InodeType.Fifo => "pipe:[" + inode.Number + "]",
            InodeType.Socket => "socket:[" + inode.Number + "]",
            _ => "anon_inode:[" + label + "]",
        });
    }

    /// <summary>A place for a file without one, so that a magic link can lead to it.</summary>
    public static Place PlaceOf(Inode inode)
    {
        ArgumentNullException.ThrowIfNull(inode);
        var superBlock = new SuperBlock(inode.FileSystem);
        return new Place(new Mount(0, superBlock, superBlock.Root, "none", MountFlags.None), new Dentry(null, default, inode));
    }

    private sealed class AnonymousFileSystem : IFileSystemInstance
    {
        private readonly ulong _magic;

        public AnonymousFileSystem(string typeName, ulong magic, ulong deviceId)
        {
            TypeName = typeName;
            _magic = magic;
            DeviceId = deviceId;
            Root = new AnonymousInode(this, InodeType.Directory, typeName, 0x1ed, Credentials.Root, 1, 0);
        }

        public string TypeName { get; }

        public Inode Root { get; }

        public ulong DeviceId { get; }

        public string Options => "";

        public FileSystemStatistics GetStatistics() => new(_magic, Paging.PageSizeBytes, 0, 0, 0, 0, 0, 255);

        public Errno Synchronize() => Errno.Success;
    }

    private sealed class AnonymousInode(AnonymousFileSystem system, InodeType type, string label, int mode, Credentials owner, ulong number, long nowNs) : Inode
    {
        // One word each, so that a reader sees an old or a new value.
        private int _mode = mode;
        private uint _uid = owner.FileSystemUid;
        private uint _gid = owner.FileSystemGid;
        private readonly long _birthTimeNs = nowNs;

        public string Label { get; } = label;

        public override InodeType Type { get; } = type;

        public override IFileSystemInstance FileSystem => system;

        public override ulong Number { get; } = number;

        public override InodePermission GetPermission() => new(_mode, _uid, _gid);

        public override InodeAttributes GetAttributes() => new()
        {
            DeviceId = system.DeviceId,
            InodeNumber = Number,
            Type = Type,
            Mode = _mode,
            LinkCount = 1,
            Uid = _uid,
            Gid = _gid,
            BlockSizeBytes = Paging.PageSizeBytes,
            AccessTimeNs = _birthTimeNs,
            ModificationTimeNs = _birthTimeNs,
            ChangeTimeNs = _birthTimeNs,
        };

        public override Errno SetAttributes(in AttributeChange change)
        {
            _mode = change.Mode ?? _mode;
            _uid = change.Uid ?? _uid;
            _gid = change.Gid ?? _gid;
            return Errno.Success;
        }
    }
}
