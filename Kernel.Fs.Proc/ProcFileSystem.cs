// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.Mounts;
using Kernel.Fs.Proc.Inodes;

namespace Kernel.Fs.Proc;

/// <summary>procfs: one instance for the whole system, however often it is mounted.</summary>
[FileSystem("proc", Stage = InitStage.Late)]
public sealed class ProcFileSystem : IFileSystemType, IFileSystemInstance, IInitializable
{
    private const ulong ProcSuperMagic = 0x9fa0;

    /// <summary>Fixed entries are numbered from here (PROC_DYNAMIC_FIRST), processes below.</summary>
    private const ulong FirstFixedNumber = 0xf0000000;

    private readonly ITimeKeeper _time;
    private readonly Late<PseudoFileEntry[]> _files;
    private readonly Late<IProcessTable> _processes;
    private long _lastNumber;
    private ProcRoot? _root;

    /// <summary>Needs the image's pseudo-files and the processes.</summary>
    public ProcFileSystem(AnonymousDeviceNumbers devices, ITimeKeeper time, MountTree mounts, Late<PseudoFileEntry[]> files, Late<IProcessTable> processes)
    {
        ArgumentNullException.ThrowIfNull(devices);
        _time = time;
        _files = files;
        _processes = processes;
        Mounts = mounts;
        DeviceId = devices.Next();
    }

    /// <inheritdoc/>
    public string TypeName => "proc";

    /// <inheritdoc/>
    public Inode Root => _root ?? throw new InvalidOperationException("procfs is used before it is initialised.");

    /// <inheritdoc/>
    public ulong DeviceId { get; }

    /// <inheritdoc/>
    public string Options => "";

    internal IProcessTable Processes => _processes.Value;

    internal MountTree Mounts { get; }

    internal long NowNs => _time.RealTimeNs;

    /// <inheritdoc/>
    public void Initialize()
    {
        var entries = new ProcDirectory(this, 1);
        entries.Add("self", new ProcLink(this, NextNumber(), static thread => thread.Process.Pid.ToString(CultureInfo.InvariantCulture)));
        entries.Add("thread-self", new ProcLink(
            this, NextNumber(), static thread => thread.Process.Pid.ToString(CultureInfo.InvariantCulture) + "/task/" + thread.Tid.ToString(CultureInfo.InvariantCulture)));
        entries.Add("mounts", new ProcLink(this, NextNumber(), static _ => "self/mounts"));
        foreach (var file in _files.Value)
        {
            if (file.Path.StartsWith("/proc/", StringComparison.Ordinal))
            {
                AddFile(entries, file.Path["/proc/".Length..], file.Mode, file.File);
            }
        }

        _root = new ProcRoot(this, entries);
    }

    /// <inheritdoc/>
    public Result<IFileSystemInstance> Mount(string source, string options, IThread? thread) => this;

    /// <inheritdoc/>
    public FileSystemStatistics GetStatistics() => new(ProcSuperMagic, Ostd.Memory.Paging.PageSizeBytes, 0, 0, 0, 0, 0, 255);

    /// <inheritdoc/>
    public Errno Synchronize() => Errno.Success;

    internal ulong NextNumber() => FirstFixedNumber + (ulong)Interlocked.Increment(ref _lastNumber);

    private void AddFile(ProcDirectory directory, string path, int mode, IPseudoFile file)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', StringComparison.Ordinal))
        {
            directory = directory.GetDirectory(path[..slash]);
            path = path[(slash + 1)..];
        }

        directory.Add(path, new PseudoFileInode(this, NextNumber(), mode, file));
    }
}
