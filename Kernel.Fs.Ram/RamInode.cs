// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>
/// What all files in memory have. Attributes are words of their own, read without a lock. Links and users are one word: when both are gone the storage is freed, once, and a late opener is told.
/// </summary>
internal abstract class RamInode : Inode
{
    private const long OneLink = 1L << 32;
    private const long Freed = -1;

    private long _linksAndUsers;
    private int _mode;
    private uint _uid;
    private uint _gid;
    private long _accessTimeNs;
    private long _modificationTimeNs;
    private long _changeTimeNs;
    private readonly long _birthTimeNs;

    protected RamInode(RamFileSystem system, int mode, uint uid, uint gid)
    {
        System = system;
        Number = system.NextNumber();
        _mode = mode;
        _uid = uid;
        _gid = gid;
        _birthTimeNs = _accessTimeNs = _modificationTimeNs = _changeTimeNs = system.NowNs;
    }

    public RamFileSystem System { get; }

    public override IFileSystemInstance FileSystem => System;

    public override ulong Number { get; }

    public override bool CachesMissingNames => System.CachesMissingNames;

    public uint LinkCount
    {
        get
        {
            var state = Volatile.Read(ref _linksAndUsers);
            return state == Freed ? 0 : (uint)(state >> 32);
        }
    }

    /// <summary>The storage is gone: no name and no open file was left.</summary>
    public bool IsFreed => Volatile.Read(ref _linksAndUsers) == Freed;

    public override InodePermission GetPermission() => new(_mode, _uid, _gid);

    public override InodeAttributes GetAttributes() => new()
    {
        DeviceId = System.DeviceId,
        InodeNumber = Number,
        Type = Type,
        Mode = _mode,
        LinkCount = LinkCount,
        Uid = _uid,
        Gid = _gid,
        BlockSizeBytes = Ostd.Memory.Paging.PageSizeBytes,
        AccessTimeNs = Volatile.Read(ref _accessTimeNs),
        ModificationTimeNs = Volatile.Read(ref _modificationTimeNs),
        ChangeTimeNs = Volatile.Read(ref _changeTimeNs),
        BirthTimeNs = _birthTimeNs,
    };

    public override Errno SetAttributes(in AttributeChange change)
    {
        if (change.SizeBytes is { } size)
        {
            var error = Resize(size);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        _mode = change.Mode ?? _mode;
        _uid = change.Uid ?? _uid;
        _gid = change.Gid ?? _gid;
        var now = System.NowNs;
        if (change.SizeBytes is not null)
        {
            Volatile.Write(ref _modificationTimeNs, now);
        }

        if (change.AccessTimeNs is { } accessTime)
        {
            Volatile.Write(ref _accessTimeNs, accessTime);
        }

        if (change.ModificationTimeNs is { } modificationTime)
        {
            Volatile.Write(ref _modificationTimeNs, modificationTime);
        }

        Volatile.Write(ref _changeTimeNs, now);
        return Errno.Success;
    }

    public override void AddUser() => Change(1);

    public override void RemoveUser() => Change(-1);

    public void AddLink() => Change(OneLink);

    public void RemoveLink() => Change(-OneLink);

    /// <summary>Takes all names away at once (unmount).</summary>
    public void RemoveAllLinks()
    {
        while (LinkCount > 0)
        {
            RemoveLink();
        }
    }

    /// <summary>Access time by the rule of relatime: only when it is older than a change, or than a day (man 8 mount).</summary>
    public void Accessed()
    {
        var now = System.NowNs;
        var accessed = Volatile.Read(ref _accessTimeNs);
        if (accessed <= Volatile.Read(ref _modificationTimeNs) || accessed <= Volatile.Read(ref _changeTimeNs) || now - accessed >= 86_400_000_000_000)
        {
            Volatile.Write(ref _accessTimeNs, now);
        }
    }

    /// <summary>Contents changed.</summary>
    public void Modified()
    {
        var now = System.NowNs;
        Volatile.Write(ref _modificationTimeNs, now);
        Volatile.Write(ref _changeTimeNs, now);
    }

    /// <summary>Attributes or links changed.</summary>
    public void Changed() => Volatile.Write(ref _changeTimeNs, System.NowNs);

    /// <summary>Takes the set-id bits away, as a write by an unprivileged process does.</summary>
    protected void ClearMode(int bits)
    {
        if ((_mode & bits) != 0)
        {
            Interlocked.And(ref _mode, ~bits);
        }
    }

    protected virtual Errno Resize(long sizeBytes) => Errno.EINVAL;

    /// <summary>No name and no user is left.</summary>
    protected virtual void Free()
    {
    }

    private void Change(long difference)
    {
        var state = Volatile.Read(ref _linksAndUsers);
        while (state != Freed)
        {
            var next = state + difference;
            var isLast = next == 0;
            var seen = Interlocked.CompareExchange(ref _linksAndUsers, isLast ? Freed : next, state);
            if (seen == state)
            {
                if (isLast)
                {
                    Free();
                    System.ReleaseInode();
                }

                return;
            }

            state = seen;
        }
    }
}
