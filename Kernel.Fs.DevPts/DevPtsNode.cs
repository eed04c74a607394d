// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Fs.DevPts;

/// <summary>A slave's node, or the ptmx of the directory. The VFS opens it by its device number.</summary>
internal sealed class DevPtsNode : Inode
{
    /// <summary>Index of the ptmx.</summary>
    public const int PtmxIndex = -1;

    private readonly DevPts _fileSystem;
    private readonly DeviceNumber _device;
    private readonly long _birthTimeNs;
    private int _mode;
    private uint _uid;
    private uint _gid;
    private long _accessTimeNs;
    private long _modificationTimeNs;

    public DevPtsNode(DevPts fileSystem, int index, DeviceNumber device, Credentials owner, long nowNs)
    {
        _fileSystem = fileSystem;
        Index = index;
        _device = device;
        _birthTimeNs = _accessTimeNs = _modificationTimeNs = nowNs;
        var options = index == PtmxIndex ? DevPtsOptions.Default with { Mode = 0 } : fileSystem.MountOptions;
        _mode = options.Mode;
        _uid = options.Uid ?? owner.FileSystemUid;
        _gid = options.Gid ?? owner.FileSystemGid;
    }

    public int Index { get; }

    public override InodeType Type => InodeType.CharacterDevice;

    public override IFileSystemInstance FileSystem => _fileSystem;

    /// <summary>1 is the directory and 2 the ptmx, as in Linux.</summary>
    public override ulong Number => (ulong)(Index + 3);

    /// <summary>A number is used again for another terminal.</summary>
    public override bool IsCacheable => false;

    public void SetMode(int mode) => Volatile.Write(ref _mode, mode);

    public override InodePermission GetPermission() => new(_mode, _uid, _gid);

    public override InodeAttributes GetAttributes() => new()
    {
        DeviceId = _fileSystem.DeviceId,
        InodeNumber = Number,
        Type = Type,
        Mode = _mode,
        LinkCount = 1,
        Uid = _uid,
        Gid = _gid,
        Device = _device,
        BlockSizeBytes = Paging.PageSizeBytes >> 2,
        AccessTimeNs = Volatile.Read(ref _accessTimeNs),
        ModificationTimeNs = Volatile.Read(ref _modificationTimeNs),
        ChangeTimeNs = _birthTimeNs,
        BirthTimeNs = _birthTimeNs,
    };

    public override Errno SetAttributes(in AttributeChange change)
    {
        _mode = change.Mode ?? _mode;
        _uid = change.Uid ?? _uid;
        _gid = change.Gid ?? _gid;
        Volatile.Write(ref _accessTimeNs, change.AccessTimeNs ?? _accessTimeNs);
        Volatile.Write(ref _modificationTimeNs, change.ModificationTimeNs ?? _modificationTimeNs);
        return Errno.Success;
    }
}
