// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Ostd.Sync;

namespace Kernel.Fs.Devices;

/// <summary>A node that a device wants below /dev.</summary>
public readonly record struct DeviceNode(string Name, InodeType Type, DeviceNumber Number, int Mode);

/// <summary>Makes device nodes: devtmpfs.</summary>
public interface IDeviceNodeSink
{
    void Add(DeviceNode node);
}

/// <summary>Character and block devices by number. The table is replaced, never changed in place, so that opening needs no lock.</summary>
[Component]
public sealed class DeviceRegistry(Late<CharacterDeviceEntry[]> declared) : IDeviceRegistry, IInitializable
{
    private readonly Mutex _lock = new();
    private readonly List<DeviceNode> _nodes = [];
    private Range[] _ranges = [];
    private Disk[] _disks = [];
    private IDeviceNodeSink? _sink;

    /// <inheritdoc/>
    public void Initialize()
    {
        foreach (var entry in declared.Value)
        {
            if (Register(entry.Name, entry.Number, entry.Mode, entry.Device) != Errno.Success)
            {
                Ostd.Logging.Log.Warn("devices: the name or number of /dev/" + entry.Name + " is taken");
            }
        }
    }

    /// <inheritdoc/>
    public Errno Register(string name, DeviceNumber number, int mode, ICharacterDevice device)
    {
        var error = RegisterRange(number.Major, number.Minor, 1, device);
        if (error != Errno.Success)
        {
            return error;
        }

        AddNode(new DeviceNode(name, InodeType.CharacterDevice, number, mode));
        return Errno.Success;
    }

    /// <inheritdoc/>
    public Errno RegisterBlock(string name, DeviceNumber number, int mode, IBlockDevice device)
    {
        using (_lock.Acquire())
        {
            if (FindBlock(number) is not null)
            {
                return Errno.EBUSY;
            }

            System.Threading.Volatile.Write(ref _disks, [.. _disks, new Disk(number, device)]);
        }

        AddNode(new DeviceNode(name, InodeType.BlockDevice, number, mode));
        return Errno.Success;
    }

    /// <inheritdoc/>
    public IBlockDevice? FindBlock(DeviceNumber number)
    {
        foreach (var disk in System.Threading.Volatile.Read(ref _disks))
        {
            if (disk.Number == number)
            {
                return disk.Device;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public Errno RegisterRange(int major, int firstMinor, int count, ICharacterDevice device)
    {
        using var guard = _lock.Acquire();
        foreach (var range in _ranges)
        {
            if (range.Major == major && firstMinor < range.FirstMinor + range.Count && range.FirstMinor < firstMinor + count)
            {
                return Errno.EBUSY;
            }
        }

        var ranges = new Range[_ranges.Length + 1];
        _ranges.CopyTo(ranges, 0);
        ranges[^1] = new Range(major, firstMinor, count, device);
        System.Threading.Volatile.Write(ref _ranges, ranges);
        return Errno.Success;
    }

    /// <inheritdoc/>
    public ICharacterDevice? Find(DeviceNumber number)
    {
        foreach (var range in System.Threading.Volatile.Read(ref _ranges))
        {
            if (range.Major == number.Major && number.Minor >= range.FirstMinor && number.Minor < range.FirstMinor + range.Count)
            {
                return range.Device;
            }
        }

        return null;
    }

    /// <summary>Major numbers and names, for /proc/devices.</summary>
    public DeviceNode[] GetNodes()
    {
        using var guard = _lock.Acquire();
        return _nodes.ToArray();
    }

    /// <summary>Names who makes the nodes; those of devices that came before are made at once.</summary>
    public void Attach(IDeviceNodeSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        DeviceNode[] earlier;
        using (_lock.Acquire())
        {
            _sink = sink;
            earlier = _nodes.ToArray();
        }

        foreach (var node in earlier)
        {
            sink.Add(node);
        }
    }

    private void AddNode(DeviceNode node)
    {
        IDeviceNodeSink? sink;
        using (_lock.Acquire())
        {
            _nodes.Add(node);
            sink = _sink;
        }

        sink?.Add(node);
    }

    private sealed record Disk(DeviceNumber Number, IBlockDevice Device);

    private sealed record Range(int Major, int FirstMinor, int Count, ICharacterDevice Device);
}
