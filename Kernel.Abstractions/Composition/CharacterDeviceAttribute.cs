// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that is a character device with a fixed number and a node in <c>/dev</c>.</summary>
/// <param name="name">The name below <c>/dev</c>: <c>null</c>, <c>ttyS0</c>.</param>
/// <param name="major">The major number of Linux' devices.txt.</param>
/// <param name="minor">The minor number of Linux' devices.txt.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class CharacterDeviceAttribute(string name, int major, int minor) : ComponentAttribute
{
    /// <summary>The name below <c>/dev</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The major number.</summary>
    public int Major { get; } = major;

    /// <summary>The minor number.</summary>
    public int Minor { get; } = minor;

    /// <summary>The permission bits of the node; <c>0666</c> (438) unless told.</summary>
    public int Mode { get; init; } = 0x1b6;
}
