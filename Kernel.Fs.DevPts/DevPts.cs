// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Sync;

namespace Kernel.Fs.DevPts;

/// <summary>The devpts file system: a directory of slaves, and a ptmx. There is one instance, mounted any number of times.</summary>
internal sealed class DevPts : IFileSystemInstance
{
    /// <summary>DEVPTS_SUPER_MAGIC.</summary>
    private const ulong Magic = 0x1cd1;

    private readonly Mutex _mutex = new();
    private readonly SortedList<int, DevPtsNode> _nodes = [];
    private DevPtsOptions _options = DevPtsOptions.Default;

    public DevPts(long nowNs)
    {
        Root = new DevPtsDirectory(this, nowNs);
        Ptmx = new DevPtsNode(this, DevPtsNode.PtmxIndex, new DeviceNumber(5, 2), Abstractions.Processes.Credentials.Root, nowNs);
    }

    public string TypeName => "devpts";

    public Inode Root { get; }

    /// <summary>One of the ids that no mount is given: there is one instance.</summary>
    public ulong DeviceId => 15;

    /// <summary>The ptmx of the directory.</summary>
    public DevPtsNode Ptmx { get; }

    /// <summary>Options of the last mount or remount, valid for nodes made afterwards.</summary>
    public DevPtsOptions MountOptions
    {
        get => _options;
        set
        {
            _options = value;
            Ptmx.SetMode(value.PtmxMode);
        }
    }

    public string Options => _options.ToMountString();

    public FileSystemStatistics GetStatistics() => new(Magic, Ostd.Memory.Paging.PageSizeBytes, 0, 0, 0, 0, 0, 255);

    public Errno Synchronize() => Errno.Success;

    public void Add(DevPtsNode node)
    {
        using var guard = _mutex.Acquire();
        _nodes[node.Index] = node;
    }

    public void Remove(DevPtsNode node)
    {
        using var guard = _mutex.Acquire();
        if (_nodes.TryGetValue(node.Index, out var present) && ReferenceEquals(present, node))
        {
            _nodes.Remove(node.Index);
        }
    }

    public DevPtsNode? Find(int index)
    {
        using var guard = _mutex.Acquire();
        return _nodes.GetValueOrDefault(index);
    }

    /// <summary>The slaves that there are; a snapshot.</summary>
    public DevPtsNode[] GetNodes()
    {
        using var guard = _mutex.Acquire();
        return [.. _nodes.Values];
    }
}
