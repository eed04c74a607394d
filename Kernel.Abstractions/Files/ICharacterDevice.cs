// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Files;

/// <summary>A character device; implementers carry <c>[CharacterDevice("null", 1, 3)]</c>, or register through <see cref="IDeviceRegistry"/>.</summary>
public interface ICharacterDevice
{
    /// <summary>Opens the device through one of its nodes.</summary>
    Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread);
}

/// <summary>A block device; it registers through <see cref="IDeviceRegistry"/>.</summary>
public interface IBlockDevice
{
    /// <summary>Opens the device through one of its nodes.</summary>
    Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread);
}

/// <summary>Devices by number, and their nodes in devtmpfs.</summary>
public interface IDeviceRegistry
{
    /// <summary>Adds a device and its node below /dev.</summary>
    Errno Register(string name, DeviceNumber number, int mode, ICharacterDevice device);

    /// <summary>Adds a range of minor numbers without nodes (ptys).</summary>
    Errno RegisterRange(int major, int firstMinor, int count, ICharacterDevice device);

    /// <summary>The character device of a number, or null.</summary>
    ICharacterDevice? Find(DeviceNumber number);

    /// <summary>Adds a block device and its node below /dev; block devices have numbers of their own.</summary>
    Errno RegisterBlock(string name, DeviceNumber number, int mode, IBlockDevice device);

    /// <summary>The block device of a number, or null.</summary>
    IBlockDevice? FindBlock(DeviceNumber number);
}
