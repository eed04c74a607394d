// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Files;

/// <summary>Makes the inodes of files that are in no directory.</summary>
public interface IAnonymousInodes
{
    /// <summary>A new inode of pipefs, sockfs or anon_inodefs.</summary>
    /// <param name="label">What readlink on /proc/pid/fd shows: <c>pipe</c>, <c>socket</c> become <c>pipe:[ino]</c>; others <c>anon_inode:label</c>.</param>
    Inode Create(InodeType type, string label, int mode, Credentials owner);
}
