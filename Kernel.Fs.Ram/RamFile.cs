// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Files;

namespace Kernel.Fs.Ram;

/// <summary>A regular file: a page cache without a device behind it.</summary>
internal sealed class RamFile : RamInode, IPageCachedInode, ISealable
{
    private const int SetIdBits = 0xc00;

    private readonly RamPages _pages;
    private int _seals = (int)FileSeals.F_SEAL_SEAL;

    public RamFile(RamFileSystem system, int mode, uint uid, uint gid)
        : base(system, mode, uid, gid) => _pages = new RamPages(this);

    public override InodeType Type => InodeType.Regular;

    public PageCache.PageCache Pages => _pages;

    public FileSeals Seals => (FileSeals)Volatile.Read(ref _seals);

    /// <summary>memfd_create with MFD_ALLOW_SEALING: no seals yet. Other files have F_SEAL_SEAL from the start.</summary>
    public void AllowSealing() => Volatile.Write(ref _seals, 0);

    public Errno AddSeals(FileSeals seals)
    {
        // No write that began without the seals is under way when they are set, and two callers take turns.
        using var guard = _pages.HoldWrites();
        if ((Seals & FileSeals.F_SEAL_SEAL) != 0)
        {
            return Errno.EPERM;
        }

        if ((seals & FileSeals.F_SEAL_WRITE) != 0 && (Seals & FileSeals.F_SEAL_WRITE) == 0 && _pages.IsMapped)
        {
            return Errno.EBUSY;
        }

        Volatile.Write(ref _seals, _seals | (int)seals);
        return Errno.Success;
    }

    public override InodeAttributes GetAttributes()
    {
        var attributes = base.GetAttributes();
        attributes.SizeBytes = _pages.LengthBytes;
        attributes.Blocks = _pages.PageCount * (attributes.BlockSizeBytes / 512);
        return attributes;
    }

    public override Result<OpenFile> Open(OpenFlags flags, IThread? thread)
    {
        // As tmpfs of Linux 6.1, which has no direct I/O.
        if ((flags & OpenFlags.O_DIRECT) != 0)
        {
            return Errno.EINVAL;
        }

        var file = new PageCacheFile(this, flags);
        if (IsFreed)
        {
            // Unlinked between the walk and here, with nobody left: it never was found.
            file.Release();
            return Errno.ENOENT;
        }

        return file;
    }

    public void OnRead() => Accessed();

    /// <summary>Whether the seals allow a range to be written. Under the write mutex of the pages.</summary>
    public Errno CheckWrite(long offset, long length)
    {
        var seals = Seals;
        if (seals is FileSeals.None or FileSeals.F_SEAL_SEAL)
        {
            return Errno.Success;
        }

        if ((seals & (FileSeals.F_SEAL_WRITE | FileSeals.F_SEAL_FUTURE_WRITE)) != 0)
        {
            return Errno.EPERM;
        }

        return (seals & FileSeals.F_SEAL_GROW) != 0 && offset + length > _pages.LengthBytes ? Errno.EPERM : Errno.Success;
    }

    /// <summary>Whether the seals allow another length. Under the write mutex of the pages.</summary>
    public Errno CheckResize(long oldLength, long newLength)
        => (newLength < oldLength && (Seals & FileSeals.F_SEAL_SHRINK) != 0) || (newLength > oldLength && (Seals & FileSeals.F_SEAL_GROW) != 0) ? Errno.EPERM : Errno.Success;

    public void OnWritten()
    {
        Modified();
        if (CurrentThread.OrNull is not { } thread || !thread.Credentials.HasCapability(Capability.CAP_FSETID))
        {
            ClearMode(SetIdBits);
        }
    }

    protected override Errno Resize(long sizeBytes) => _pages.Resize(sizeBytes);

    protected override void Free() => _pages.Clear();
}
