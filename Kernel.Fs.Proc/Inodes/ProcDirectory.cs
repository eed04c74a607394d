// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Proc.Inodes;

/// <summary>A directory whose entries are fixed once the image is built.</summary>
internal sealed class ProcDirectory(ProcFileSystem system, ulong number) : ProcInode(system, number, 0x16d)
{
    private readonly List<(byte[] Name, Inode Inode)> _entries = [];
    private uint _subdirectories;

    public override InodeType Type => InodeType.Directory;

    protected override uint LinkCount => 2 + _subdirectories;

    public IReadOnlyList<(byte[] Name, Inode Inode)> Entries => _entries;

    /// <summary>Adds an entry, at boot.</summary>
    public void Add(string name, Inode inode)
    {
        _entries.Add((Encoding.Latin1.GetBytes(name), inode));
        _subdirectories += inode.Type == InodeType.Directory ? 1u : 0;
    }

    /// <summary>The directory of a name, made if need be.</summary>
    public ProcDirectory GetDirectory(string name)
    {
        var bytes = Encoding.Latin1.GetBytes(name);
        if (Find(bytes) is ProcDirectory present)
        {
            return present;
        }

        var made = new ProcDirectory(System, System.NextNumber());
        Add(name, made);
        return made;
    }

    public Inode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var entry in _entries)
        {
            if (name.SequenceEqual(entry.Name))
            {
                return entry.Inode;
            }
        }

        return null;
    }

    public override Result<Inode> Lookup(ReadOnlySpan<byte> name) => Find(name) is { } inode ? inode : Errno.ENOENT;

    public override Errno ReadEntries(long position, IDirectoryVisitor visitor)
    {
        Visit(position, visitor, out _);
        return Errno.Success;
    }

    /// <summary>Shows the entries from a position on.</summary>
    /// <returns>False when the visitor has enough.</returns>
    public bool Visit(long position, IDirectoryVisitor visitor, out long next)
    {
        next = Math.Max(position, 2);
        while (next - 2 < _entries.Count)
        {
            var (name, inode) = _entries[(int)(next - 2)];
            if (!visitor.Visit(name, inode.Number, inode.Type, next + 1))
            {
                return false;
            }

            next++;
        }

        return true;
    }
}
