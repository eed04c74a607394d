// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.Devices;
using Kernel.Fs.PageCache;

namespace Kernel.Fs.Ram;

/// <summary>devtmpfs: one instance, however often it is mounted, in which the kernel makes the nodes of its devices.</summary>
[FileSystem("devtmpfs", Stage = InitStage.Late)]
public sealed class DevTmpfs : IFileSystemType, IDeviceNodeSink, IInitializable
{
    private readonly DeviceRegistry _registry;
    private readonly AnonymousDeviceNumbers _devices;
    private readonly ITimeKeeper _time;
    private readonly PageCounters _counters;
    private RamFileSystem? _instance;

    /// <summary>Needs to know the devices.</summary>
    public DevTmpfs(DeviceRegistry registry, AnonymousDeviceNumbers devices, ITimeKeeper time, PageCounters counters)
    {
        _registry = registry;
        _devices = devices;
        _time = time;
        _counters = counters;
    }

    /// <inheritdoc/>
    public void Initialize()
    {
        _instance = new RamFileSystem("devtmpfs", _devices.Next(), RamFileSystemOptions.ForTmpfs(0x1ed), _time, _counters) { CachesMissingNames = false, KeepsContents = true };
        _registry.Attach(this);
    }

    /// <summary>The instance, for the automatic mount on /dev.</summary>
    public IFileSystemInstance Instance => _instance ?? throw new InvalidOperationException("devtmpfs is used before it is initialised.");

    /// <inheritdoc/>
    public Result<IFileSystemInstance> Mount(string source, string options, IThread? thread) => _instance is { } instance ? instance : Errno.ENODEV;

    /// <inheritdoc/>
    public void Add(DeviceNode node)
    {
        var directory = _instance!.RootDirectory;
        var name = node.Name;
        for (var slash = name.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = name.IndexOf('/', StringComparison.Ordinal))
        {
            directory = GetDirectory(directory, Encoding.Latin1.GetBytes(name[..slash]));
            name = name[(slash + 1)..];
        }

        using var guard = directory.DirectoryLock.Acquire();
        var bytes = Encoding.Latin1.GetBytes(name);
        if (!directory.Lookup(bytes).IsOk)
        {
            // Without memory for a node the device is still there by number; mknod(1) can make the node later.
            _ = directory.Create(bytes, node.Type, node.Mode, 0, 0, node.Number);
        }
    }

    private static RamDirectory GetDirectory(RamDirectory parent, byte[] name)
    {
        using var guard = parent.DirectoryLock.Acquire();
        var found = parent.Lookup(name);
        var inode = found.IsOk ? found : parent.Create(name, InodeType.Directory, 0x1ed, 0, 0, default);
        return (RamDirectory)inode.Value;
    }
}
