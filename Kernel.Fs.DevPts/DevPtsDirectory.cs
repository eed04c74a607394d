// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;

namespace Kernel.Fs.DevPts;

/// <summary>The directory of a devpts. Names come and go with the terminals, so that the VFS asks each time.</summary>
internal sealed class DevPtsDirectory(DevPts fileSystem, long nowNs) : Inode
{
    /// <summary>Directory positions: 3 for the ptmx, and then the slaves by number.</summary>
    private const long PtmxPosition = 3;

    public override InodeType Type => InodeType.Directory;

    public override IFileSystemInstance FileSystem => fileSystem;

    public override ulong Number => 1;

    public override bool CachesMissingNames => false;

    public override InodeAttributes GetAttributes() => new()
    {
        DeviceId = fileSystem.DeviceId,
        InodeNumber = Number,
        Type = Type,
        Mode = 0x1ed,
        LinkCount = 2,
        BlockSizeBytes = Paging.PageSizeBytes >> 2,
        AccessTimeNs = nowNs,
        ModificationTimeNs = nowNs,
        ChangeTimeNs = nowNs,
        BirthTimeNs = nowNs,
    };

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual("ptmx"u8))
        {
            return fileSystem.Ptmx;
        }

        // Only the shortest spelling is a name: no "007".
        var isNumber = Utf8Parser.TryParse(name, out int index, out var used) && used == name.Length && name[0] is >= (byte)'0' and <= (byte)'9' && (name[0] != (byte)'0' || name.Length == 1);
        return isNumber && fileSystem.Find(index) is { } node ? node : Errno.ENOENT;
    }

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        if (position <= PtmxPosition && !visitor.Visit("ptmx"u8, fileSystem.Ptmx.Number, InodeType.CharacterDevice, PtmxPosition + 1))
        {
            return Errno.Success;
        }

        Span<byte> name = stackalloc byte[11];
        foreach (var node in fileSystem.GetNodes())
        {
            var here = PtmxPosition + 1 + node.Index;
            if (here < position)
            {
                continue;
            }

            Utf8Formatter.TryFormat(node.Index, name, out var length);
            if (!visitor.Visit(name[..length], node.Number, InodeType.CharacterDevice, here + 1))
            {
                break;
            }
        }

        return Errno.Success;
    }
}
