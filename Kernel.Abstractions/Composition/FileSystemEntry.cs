// SPDX-License-Identifier: MPL-2.0

using Kernel.Abstractions.Files;

namespace Kernel.Abstractions.Composition;

/// <summary>One <c>[FileSystem]</c> of the image. A component asks for <c>FileSystemEntry[]</c>, or <c>Late&lt;FileSystemEntry[]&gt;</c> when file systems need it in turn.</summary>
public readonly struct FileSystemEntry(string name, bool requiresDevice, IFileSystemType type)
{
    /// <summary>The type's name as in mount(2).</summary>
    public string Name { get; } = name;

    /// <summary>False for <c>nodev</c> types.</summary>
    public bool RequiresDevice { get; } = requiresDevice;

    /// <summary>The component.</summary>
    public IFileSystemType Type { get; } = type;
}
