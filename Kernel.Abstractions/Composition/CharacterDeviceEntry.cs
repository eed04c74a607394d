// SPDX-License-Identifier: MPL-2.0

using Kernel.Abstractions.Files;

namespace Kernel.Abstractions.Composition;

/// <summary>One <c>[CharacterDevice]</c> of the image. A component asks for <c>CharacterDeviceEntry[]</c> or <c>Late&lt;CharacterDeviceEntry[]&gt;</c>.</summary>
public readonly struct CharacterDeviceEntry(string name, int major, int minor, int mode, ICharacterDevice device)
{
    /// <summary>The name below <c>/dev</c>.</summary>
    public string Name { get; } = name;

    /// <summary>The device number.</summary>
    public DeviceNumber Number { get; } = new(major, minor);

    /// <summary>The permission bits of the node.</summary>
    public int Mode { get; } = mode;

    /// <summary>The component.</summary>
    public ICharacterDevice Device { get; } = device;
}
