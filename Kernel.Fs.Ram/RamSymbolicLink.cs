// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>A symbolic link. Its mode is always 0777 and never changes.</summary>
internal sealed class RamSymbolicLink(RamFileSystem system, ReadOnlySpan<byte> target, uint uid, uint gid) : RamInode(system, 0x1ff, uid, gid)
{
    private readonly byte[] _target = target.ToArray();

    public override InodeType Type => InodeType.SymbolicLink;

    public override InodeAttributes GetAttributes()
    {
        var attributes = base.GetAttributes();
        attributes.SizeBytes = _target.Length;
        return attributes;
    }

    public override Result<int> ReadLink(Span<byte> target)
    {
        var length = Math.Min(target.Length, _target.Length);
        _target.AsSpan(0, length).CopyTo(target);
        Accessed();
        return length;
    }
}
