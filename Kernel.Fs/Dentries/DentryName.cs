// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Fs.Dentries;

/// <summary>
/// Where a dentry hangs: parent and name together, so that a reader without a lock sees both of one moment. Immutable but for the hash chain; a rename makes a new one.
/// </summary>
internal sealed class DentryName(Dentry? parent, byte[] name, uint hash, Dentry entry)
{
    public readonly Dentry? Parent = parent;
    public readonly byte[] Name = name;
    public readonly uint Hash = hash;
    public readonly Dentry Entry = entry;

    /// <summary>Next in the bucket. Written under the cache's lock; a removed node keeps its link, so that a reader standing on it gets on.</summary>
    public DentryName? Next;

    public bool Matches(Dentry parent, ReadOnlySpan<byte> name, uint hash) => Hash == hash && ReferenceEquals(Parent, parent) && name.SequenceEqual(Name);
}
