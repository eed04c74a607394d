// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using NSubstitute;

namespace Kernel.Tty.Tests;

/// <summary>An inode that is nowhere.</summary>
internal sealed class FakeInode(InodeType type = InodeType.CharacterDevice) : Inode
{
    public override InodeType Type => type;

    public override IFileSystemInstance FileSystem { get; } = Substitute.For<IFileSystemInstance>();

    public override ulong Number => 1;

    public override InodeAttributes GetAttributes() => default;
}
