// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Time;
using Kernel.Fs.PageCache;
using Ostd.Memory;

namespace Kernel.Fs.Ram;

/// <summary>A file system whose only storage is memory: ramfs, tmpfs, devtmpfs and the root file system differ in their limits and names.</summary>
internal sealed class RamFileSystem : IFileSystemInstance
{
    private const ulong TmpfsMagic = 0x01021994;
    private const ulong RamfsMagic = 0x858458f6;

    private readonly ITimeKeeper _time;
    private readonly RamFileSystemOptions _options;
    private readonly PageCounters _counters;
    private RamPermission? _lastPermission;
    private long _lastNumber;
    private long _usedPages;
    private long _usedInodes;

    public RamFileSystem(string typeName, ulong deviceId, RamFileSystemOptions options, ITimeKeeper time, PageCounters counters)
    {
        TypeName = typeName;
        DeviceId = deviceId;
        _options = options;
        _time = time;
        _counters = counters;
        TryReserveInode();
        RootDirectory = new RamDirectory(this, options.Mode, options.Uid, options.Gid);
        RootDirectory.AddLink();
    }

    public RamDirectory RootDirectory { get; }

    public string TypeName { get; }

    public Inode Root => RootDirectory;

    public ulong DeviceId { get; }

    /// <summary>False for devtmpfs, where devices appear without the VFS being told.</summary>
    public bool CachesMissingNames { get; init; } = true;

    /// <summary>Tmpfs shows a size for directories, ramfs does not.</summary>
    public bool CountsEntrySizes => _options.IsLimited;

    /// <summary>An object for an owner and a mode: the last one again when it says the same, as it mostly does.</summary>
    public RamPermission Share(InodePermission permission)
    {
        var last = Volatile.Read(ref _lastPermission);
        if (last is null || last.Value != permission)
        {
            last = new RamPermission(permission);
            Volatile.Write(ref _lastPermission, last);
        }

        return last;
    }

    public long NowNs => _time.RealTimeNs;

    public string Options => _options.Describe();

    public FileSystemStatistics GetStatistics()
    {
        var free = _options.MaxPages == 0 ? 0 : _options.MaxPages - Volatile.Read(ref _usedPages);
        var freeInodes = _options.MaxInodes == 0 ? 0 : _options.MaxInodes - Volatile.Read(ref _usedInodes);
        return new FileSystemStatistics(_options.IsLimited ? TmpfsMagic : RamfsMagic, Paging.PageSizeBytes, _options.MaxPages, free, free, _options.MaxInodes, freeInodes, 255);
    }

    public Errno Synchronize() => Errno.Success;

    /// <summary>True for devtmpfs, which lives as long as the kernel, mounted or not.</summary>
    public bool KeepsContents { get; init; }

    public void OnUnmounted()
    {
        if (!KeepsContents)
        {
            RootDirectory.Abandon();
        }
    }

    public ulong NextNumber() => (ulong)Interlocked.Increment(ref _lastNumber);

    /// <summary>Room for one more page, by the size limit.</summary>
    public bool ChargePage()
    {
        if (!Charge(ref _usedPages, _options.MaxPages))
        {
            return false;
        }

        _counters.Add(1);
        return true;
    }

    public void UnchargePages(long pages)
    {
        Interlocked.Add(ref _usedPages, -pages);
        _counters.Add(-pages);
    }

    /// <summary>Room for one more inode.</summary>
    public bool TryReserveInode() => Charge(ref _usedInodes, _options.MaxInodes);

    public void ReleaseInode() => Interlocked.Decrement(ref _usedInodes);

    private static bool Charge(ref long used, long limit)
    {
        if (Interlocked.Increment(ref used) <= limit || limit == 0)
        {
            return true;
        }

        Interlocked.Decrement(ref used);
        return false;
    }
}
