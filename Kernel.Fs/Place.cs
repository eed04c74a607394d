// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Fs.Dentries;
using Kernel.Fs.Mounts;

namespace Kernel.Fs;

/// <summary>A place in the tree of mounts, with the types that only this assembly knows; <see cref="FilePath"/> is the same to the others.</summary>
public readonly record struct Place(Mount Mount, Dentry Entry)
{
    /// <summary>Takes what others held back. The place must not be nowhere.</summary>
    public static Place From(FilePath path) => new((Mount)path.Mount!, (Dentry)path.Entry!);

    public FilePath ToPath() => new(Mount, Entry);

    public Inode Inode => Entry.Inode;
}
