// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that is a file system type, mountable by <paramref name="name"/> and listed in <c>/proc/filesystems</c>.</summary>
/// <param name="name">The type as in <c>mount(2)</c>: <c>tmpfs</c>, <c>ext2</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class FileSystemAttribute(string name) : ComponentAttribute
{
    /// <summary>The type as in <c>mount(2)</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Whether mounting needs a block device; <c>/proc/filesystems</c> says <c>nodev</c> for the others.</summary>
    public bool RequiresDevice { get; init; }
}
