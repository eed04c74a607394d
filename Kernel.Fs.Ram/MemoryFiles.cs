// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.Mounts;
using Kernel.Fs.PageCache;

namespace Kernel.Fs.Ram;

/// <summary>memfd_create(2): files of a tmpfs that is mounted nowhere in the tree. Their memory goes when the last descriptor and mapping do.</summary>
[Component(Stage = InitStage.Late)]
public sealed class MemoryFiles : IMemoryFiles, IInitializable
{
    private readonly AnonymousDeviceNumbers _devices;
    private readonly ITimeKeeper _time;
    private readonly PageCounters _counters;
    private RamFileSystem? _system;
    private Mount? _mount;

    /// <summary>Needs a device id and the time.</summary>
    public MemoryFiles(AnonymousDeviceNumbers devices, ITimeKeeper time, PageCounters counters)
    {
        _devices = devices;
        _time = time;
        _counters = counters;
    }

    /// <inheritdoc/>
    public void Initialize()
    {
        // Without a limit, as Linux's internal mount of shmem: it is anonymous memory.
        _system = new RamFileSystem("tmpfs", _devices.Next(), RamFileSystemOptions.ForRamfs(), _time, _counters);
        _mount = MountTree.MakeDetached(_system);
    }

    /// <inheritdoc/>
    public Result<OpenFile> Create(IThread thread, ReadOnlySpan<byte> name, bool allowSealing)
    {
        ArgumentNullException.ThrowIfNull(thread);
        var credentials = thread.Credentials;
        var made = _system!.RootDirectory.CreateTemporary(0x1ff, credentials.FileSystemUid, credentials.FileSystemGid);
        if (!made.TryGet(out var inode, out var error))
        {
            return error;
        }

        if (allowSealing)
        {
            ((RamFile)inode).AllowSealing();
        }

        if (!inode.Open(OpenFlags.O_RDWR | OpenFlags.O_LARGEFILE, thread).TryGet(out var file, out error))
        {
            return error;
        }

        var label = new byte["memfd:".Length + name.Length];
        Encoding.ASCII.GetBytes("memfd:", label);
        name.CopyTo(label.AsSpan("memfd:".Length));
        file.Path = MountTree.MakeUnlinkedPlace(_mount!, label, inode);
        return file;
    }
}
