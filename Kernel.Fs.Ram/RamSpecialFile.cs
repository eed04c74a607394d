// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>A device node, FIFO or socket: only its name and attributes are here, opening is the VFS's affair.</summary>
internal sealed class RamSpecialFile(RamFileSystem system, InodeType type, int mode, uint uid, uint gid, DeviceNumber device) : RamInode(system, mode, uid, gid)
{
    public override InodeType Type { get; } = type;

    public override InodeAttributes GetAttributes()
    {
        var attributes = base.GetAttributes();
        attributes.Device = device;
        return attributes;
    }
}
