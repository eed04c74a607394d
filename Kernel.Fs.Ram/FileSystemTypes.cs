// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.PageCache;

namespace Kernel.Fs.Ram;

/// <summary>tmpfs (man 5 tmpfs).</summary>
[FileSystem("tmpfs", Stage = InitStage.Late)]
public sealed class TmpfsType(AnonymousDeviceNumbers devices, ITimeKeeper time, PageCounters counters) : IFileSystemType
{
    /// <inheritdoc/>
    public Result<IFileSystemInstance> Mount(string source, string options, IThread? thread)
    {
        var parsed = RamFileSystemOptions.ForTmpfs();
        var error = parsed.Parse(options);
        return error == Errno.Success ? new RamFileSystem("tmpfs", devices.Next(), parsed, time, counters) : error;
    }
}

/// <summary>ramfs: without limits.</summary>
[FileSystem("ramfs", Stage = InitStage.Late)]
public sealed class RamfsType(AnonymousDeviceNumbers devices, ITimeKeeper time, PageCounters counters) : IFileSystemType
{
    /// <inheritdoc/>
    public Result<IFileSystemInstance> Mount(string source, string options, IThread? thread)
    {
        var parsed = RamFileSystemOptions.ForRamfs();
        var error = parsed.Parse(options);
        return error == Errno.Success ? new RamFileSystem("ramfs", devices.Next(), parsed, time, counters) : error;
    }
}
