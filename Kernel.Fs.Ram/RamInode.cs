// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>
/// What all files in memory have. Owner and mode are one object that is replaced as a whole, times are words of their own: all are read without a lock. Links and users are one word: when both are gone the storage is freed, once, and a late opener is told.
/// </summary>
internal abstract class RamInode : Inode
{
    private const long OneLink = 1L << 32;
    private const long Freed = -1;

    private long _linksAndUsers;
    private RamPermission _permission;
    private long _accessTimeNs;
    private long _modificationTimeNs;
    private long _changeTimeNs;
    private readonly long _birthTimeNs;

    protected RamInode(RamFileSystem system, int mode, uint uid, uint gid)
    {
        System = system;
        Number = system.NextNumber();
        _permission = system.Share(new InodePermission(mode, uid, gid));
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

    public override InodePermission GetPermission() => Volatile.Read(ref _permission).Value;

    public override InodeAttributes GetAttributes()
    {
        var permission = GetPermission();
        return new InodeAttributes
        {
            DeviceId = System.DeviceId,
            InodeNumber = Number,
            Type = Type,
            Mode = permission.Mode,
            LinkCount = LinkCount,
            Uid = permission.Uid,
            Gid = permission.Gid,
            BlockSizeBytes = Ostd.Memory.Paging.PageSizeBytes,
            AccessTimeNs = Volatile.Read(ref _accessTimeNs),
            ModificationTimeNs = Volatile.Read(ref _modificationTimeNs),
            ChangeTimeNs = Volatile.Read(ref _changeTimeNs),
            BirthTimeNs = _birthTimeNs,
        };
    }

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

        ChangePermission(change.Mode, change.Uid, change.Gid, 0);
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

    /// <summary>One more name for a file that another thread may be removing.</summary>
    /// <returns>False when it is gone.</returns>
    public bool TryAddLink() => Change(OneLink);

    public void RemoveLink() => Change(-OneLink);

    /// <summary>Takes all names away at once (rmdir, unmount).</summary>
    public void RemoveAllLinks()
    {
        var seen = Volatile.Read(ref _linksAndUsers);
        while (seen >= OneLink && !TryReplace(ref seen, seen & uint.MaxValue))
        {
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
        if ((GetPermission().Mode & bits) != 0)
        {
            ChangePermission(null, null, null, bits);
        }
    }

    protected virtual Errno Resize(long sizeBytes) => Errno.EINVAL;

    /// <summary>No name and no user is left.</summary>
    protected virtual void Free()
    {
    }

    private void ChangePermission(int? mode, uint? uid, uint? gid, int clearedBits)
    {
        var seen = Volatile.Read(ref _permission);
        while (true)
        {
            var old = seen.Value;
            var wanted = new InodePermission((mode ?? old.Mode) & ~clearedBits, uid ?? old.Uid, gid ?? old.Gid);
            if (wanted == old)
            {
                return;
            }

            var before = Interlocked.CompareExchange(ref _permission, System.Share(wanted), seen);
            if (ReferenceEquals(before, seen))
            {
                return;
            }

            seen = before;
        }
    }

    /// <summary>Adds to links or users; false when the storage is gone already.</summary>
    private bool Change(long difference)
    {
        var seen = Volatile.Read(ref _linksAndUsers);
        while (seen != Freed)
        {
            if (TryReplace(ref seen, seen + difference))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryReplace(ref long seen, long next)
    {
        var isLast = next == 0;
        var before = Interlocked.CompareExchange(ref _linksAndUsers, isLast ? Freed : next, seen);
        if (before != seen)
        {
            seen = before;
            return false;
        }

        if (isLast)
        {
            Free();
            System.ReleaseInode();
        }

        return true;
    }
}
