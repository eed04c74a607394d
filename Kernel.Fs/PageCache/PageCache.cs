// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Ostd.Memory;
using Mutex = Ostd.Sync.Mutex;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Fs.PageCache;

/// <summary>
/// The pages of one file, by index. Reads and faults take the spinning lock for a moment only; writes and truncation are serialised by a mutex that is held across user copies.
/// A page fault of such a copy may come back here through <see cref="GetPage"/>, which does not take that mutex. Lock order: write mutex, address space (faults, unmapping), growth mutex, spinning lock.
/// </summary>
public abstract class PageCache : IMemoryObject
{
    /// <summary>Largest file size: MAX_LFS_FILESIZE of 64-bit Linux.</summary>
    public const long MaxLengthBytes = long.MaxValue;

    private PageStore? _store;
    private long _length;

    /// <inheritdoc/>
    public long LengthBytes => Volatile.Read(ref _length);

    /// <inheritdoc/>
    public long RemovalCount => StoreOrNull?.RemovalCount ?? 0;

    /// <summary>Pages held.</summary>
    public long PageCount
    {
        get
        {
            if (StoreOrNull is not { } store)
            {
                return 0;
            }

            using var guard = store.Lock.Acquire();
            return store.Tree.Count;
        }
    }

    /// <summary>True while the pages are mapped somewhere.</summary>
    public bool IsMapped => StoreOrNull?.MappingCount > 0;

    private PageStore? StoreOrNull => Volatile.Read(ref _store);

    /// <summary>Pages, mappings and locks, which a file that was never written, cut or mapped does without.</summary>
    private PageStore Store => Volatile.Read(ref _store) ?? MakeStore();

    /// <summary>Reads at an offset; holes read as zeros.</summary>
    /// <returns>Bytes read, 0 at or past the end; EFAULT when nothing could be copied; EIO, ENOMEM.</returns>
    public Result<int> Read(ref VmWriter destination, long offset)
    {
        var total = 0;
        while (destination.Remaining > 0)
        {
            var left = LengthBytes - offset;
            if (left <= 0)
            {
                break;
            }

            var inPage = (int)(offset & (Paging.PageSizeBytes - 1));
            var wanted = (int)Math.Min(Math.Min(Paging.PageSizeBytes - inPage, left), destination.Remaining);
            var error = Fetch(offset >> Paging.PageShift, out var frame);
            if (error != Errno.Success)
            {
                return total > 0 ? total : error;
            }

            int copied;
            if (frame.IsNull)
            {
                copied = destination.Fill(0, wanted);
            }
            else
            {
                var reader = frame.Reader(inPage, wanted);
                copied = reader.CopyTo(ref destination);
                frame.Release();
            }

            total += copied;
            offset += copied;
            if (copied < wanted)
            {
                return total > 0 ? total : Errno.EFAULT;
            }
        }

        return total;
    }

    /// <summary>Writes at an offset, or at the end when it is negative (O_APPEND), and extends the file.</summary>
    /// <param name="maximumLength">RLIMIT_FSIZE of the writer: a write that crosses it is cut, one that starts at or past it fails (generic_write_check_limits).</param>
    /// <returns>Bytes written; EFAULT, ENOSPC, ENOMEM, EFBIG, or what <see cref="CheckWrite"/> answers when nothing was.</returns>
    public Result<int> Write(ref VmReader source, long offset, out long end, long maximumLength = MaxLengthBytes)
    {
        using var guard = Store.WriteLock.Acquire();
        end = offset < 0 ? LengthBytes : offset;
        if (maximumLength != MaxLengthBytes && source.Remaining > 0)
        {
            if (end >= maximumLength)
            {
                return Errno.EFBIG;
            }

            source.Limit((int)Math.Min(int.MaxValue, maximumLength - end));
        }

        var refused = CheckWrite(end, source.Remaining);
        if (refused != Errno.Success)
        {
            return refused;
        }

        if (end > MaxLengthBytes - source.Remaining)
        {
            return Errno.EFBIG;
        }

        var total = 0;
        while (source.Remaining > 0)
        {
            var inPage = (int)(end & (Paging.PageSizeBytes - 1));
            var wanted = Math.Min(Paging.PageSizeBytes - inPage, source.Remaining);
            var error = WritePage(end >> Paging.PageShift, inPage, wanted, ref source, out var copied);
            total += copied;
            end += copied;
            if (end > LengthBytes)
            {
                Volatile.Write(ref _length, end);
            }

            if (error != Errno.Success)
            {
                return total > 0 ? total : error;
            }
        }

        return total;
    }

    /// <summary>Sets the length; pages past it go away, from mappings too.</summary>
    public Errno Resize(long length)
    {
        using var guard = Store.WriteLock.Acquire();
        var old = LengthBytes;
        var refused = CheckResize(old, length);
        if (refused != Errno.Success)
        {
            return refused;
        }

        Volatile.Write(ref _length, length);
        if (length >= old)
        {
            return Errno.Success;
        }

        var firstGone = (length + Paging.PageSizeBytes - 1) >> Paging.PageShift;
        RemovePages(firstGone, long.MaxValue, tellsOwners: false);
        var tail = (int)(length & (Paging.PageSizeBytes - 1));
        if (tail != 0)
        {
            ZeroPart(length >> Paging.PageShift, tail, Paging.PageSizeBytes - tail);
        }

        NotifyTruncation(firstGone);
        return Errno.Success;
    }

    /// <summary>Makes a hole (FALLOC_FL_PUNCH_HOLE); the length stays.</summary>
    public Errno PunchHole(long offset, long length)
    {
        using var guard = Store.WriteLock.Acquire();
        var refused = CheckWrite(offset, length);
        var end = Math.Min(offset + length, LengthBytes);
        if (refused != Errno.Success || end <= offset)
        {
            return refused;
        }

        var firstWhole = (offset + Paging.PageSizeBytes - 1) >> Paging.PageShift;
        var endWhole = end == LengthBytes ? (end + Paging.PageSizeBytes - 1) >> Paging.PageShift : end >> Paging.PageShift;
        var head = (int)(offset & (Paging.PageSizeBytes - 1));
        if (head != 0)
        {
            ZeroPart(offset >> Paging.PageShift, head, (int)Math.Min(Paging.PageSizeBytes - head, end - offset));
        }

        if (end >> Paging.PageShift >= firstWhole && end != LengthBytes && (end & (Paging.PageSizeBytes - 1)) != 0)
        {
            ZeroPart(end >> Paging.PageShift, 0, (int)(end & (Paging.PageSizeBytes - 1)));
        }

        if (endWhole > firstWhole)
        {
            RemovePages(firstWhole, endWhole, tellsOwners: true);
        }

        return Errno.Success;
    }

    /// <summary>Allocates all pages of a range (fallocate).</summary>
    /// <param name="extend">Whether the length grows to the end of the range.</param>
    /// <returns>ENOSPC, ENOMEM; what <see cref="CheckWrite"/> answers.</returns>
    public Errno Reserve(long offset, long length, bool extend)
    {
        using var guard = Store.WriteLock.Acquire();
        var refused = CheckWrite(offset, length);
        if (refused != Errno.Success)
        {
            return refused;
        }

        for (var index = offset >> Paging.PageShift; index << Paging.PageShift < offset + length; index++)
        {
            var error = GetOrAllocate(index, ignoreLength: true, out var frame);
            if (error != Errno.Success)
            {
                return error;
            }

            frame.Release();
        }

        if (extend && offset + length > LengthBytes)
        {
            Volatile.Write(ref _length, offset + length);
        }

        return Errno.Success;
    }

    /// <summary>SEEK_DATA and SEEK_HOLE (man 2 lseek).</summary>
    /// <returns>ENXIO at or past the end.</returns>
    public Result<long> FindDataOrHole(long offset, bool data)
    {
        var length = LengthBytes;
        if (offset < 0 || offset >= length)
        {
            return Errno.ENXIO;
        }

        var store = Store;
        using var guard = store.Lock.Acquire();
        var index = offset >> Paging.PageShift;
        if (data)
        {
            var next = store.Tree.FindNext(index);
            var start = next << Paging.PageShift;
            return next < 0 || start >= length ? Errno.ENXIO : Math.Max(offset, start);
        }

        while (index << Paging.PageShift < length && !store.Tree.Get(index).IsNull)
        {
            index++;
        }

        return Math.Min(Math.Max(offset, index << Paging.PageShift), length);
    }

    /// <summary>Gives all pages back. The file must not be in use.</summary>
    public void Clear()
    {
        if (StoreOrNull is not { } store)
        {
            return;
        }

        using var guard = store.WriteLock.Acquire();
        Volatile.Write(ref _length, 0);
        RemovePages(0, long.MaxValue, tellsOwners: false);
    }

    /// <inheritdoc/>
    public Result<Frame> GetPage(long pageIndex, bool forWrite)
    {
        if (!IsInside(pageIndex))
        {
            return Errno.EFAULT;
        }

        var cached = TryGetCachedPage(pageIndex);
        if (!cached.IsNull)
        {
            return cached;
        }

        var error = GetOrAllocate(pageIndex, ignoreLength: false, out var frame);
        return error == Errno.Success ? frame : error;
    }

    /// <inheritdoc/>
    public Frame TryGetCachedPage(long pageIndex)
    {
        if (StoreOrNull is not { } store)
        {
            return default;
        }

        using var guard = store.Lock.Acquire();
        var frame = store.Tree.Get(pageIndex);
        return frame.IsNull ? frame : frame.Share();
    }

    /// <inheritdoc/>
    public void AddMapping(IMappingOwner owner)
    {
        Store.AddMapping(owner);
        OnMappingsChanged();
    }

    /// <inheritdoc/>
    public void RemoveMapping(IMappingOwner owner)
    {
        if (Store.RemoveMapping(owner))
        {
            OnMappingsChanged();
        }
    }

    /// <summary>Keeps writes and changes of the length out: what <see cref="CheckWrite"/> and <see cref="CheckResize"/> look at changes under it.</summary>
    public Ostd.Sync.MutexGuard HoldWrites() => Store.WriteLock.Acquire();

    /// <summary>Whether a range may be written; EPERM for a sealed file. Under the write mutex.</summary>
    protected virtual Errno CheckWrite(long offset, long length) => Errno.Success;

    /// <summary>Whether the length may change; EPERM for a sealed file. Under the write mutex.</summary>
    protected virtual Errno CheckResize(long oldLength, long newLength) => Errno.Success;

    /// <summary>A mapping came or went.</summary>
    protected virtual void OnMappingsChanged()
    {
    }

    /// <summary>Asks for room for one more page; ENOSPC.</summary>
    protected virtual Errno Charge() => Errno.Success;

    /// <summary>Pages went away.</summary>
    protected virtual void Uncharge(long pages)
    {
    }

    /// <summary>Whether a page that is not cached is a hole; a file system on a device answers false and fills it in <see cref="Fill"/>.</summary>
    protected virtual bool IsHole(long pageIndex) => true;

    /// <summary>Fills a zeroed page from the backing store; EIO.</summary>
    protected virtual Errno Fill(long pageIndex, Frame frame) => Errno.Success;

    private PageStore MakeStore()
    {
        var made = new PageStore();
        return Interlocked.CompareExchange(ref _store, made, null) ?? made;
    }

    private bool IsInside(long pageIndex) => pageIndex >= 0 && pageIndex < (long)(((ulong)LengthBytes + (ulong)Paging.PageSizeBytes - 1) >> Paging.PageShift);

    /// <summary>The page for reading: the null handle for a hole.</summary>
    private Errno Fetch(long index, out Frame frame)
    {
        frame = TryGetCachedPage(index);
        return !frame.IsNull || IsHole(index) ? Errno.Success : GetOrAllocate(index, ignoreLength: false, out frame);
    }

    private Errno WritePage(long index, int inPage, int wanted, ref VmReader source, out int copied)
    {
        copied = 0;
        var frame = TryGetCachedPage(index);
        if (frame.IsNull && wanted == Paging.PageSizeBytes)
        {
            return WriteNewPage(index, ref source, out copied);
        }

        if (frame.IsNull)
        {
            var error = GetOrAllocate(index, ignoreLength: true, out frame);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        var writer = frame.Writer(inPage, wanted);
        copied = source.CopyTo(ref writer);
        frame.Release();
        return copied == wanted ? Errno.Success : Errno.EFAULT;
    }

    /// <summary>A whole page that is not there: filled before it can be seen, and not zeroed first.</summary>
    private Errno WriteNewPage(long index, ref VmReader source, out int copied)
    {
        copied = 0;
        var error = Charge();
        if (error != Errno.Success)
        {
            return error;
        }

        if (!Frame.TryAllocateUninitialized(out var frame))
        {
            Uncharge(1);
            return Errno.ENOMEM;
        }

        var writer = frame.Writer(0, Paging.PageSizeBytes);
        copied = source.CopyTo(ref writer);
        if (copied < Paging.PageSizeBytes)
        {
            frame.Fill(copied, Paging.PageSizeBytes - copied, 0);
        }

        if (copied > 0)
        {
            var installed = Install(index, frame, ignoreLength: true, out var isKept);
            if (isKept)
            {
                return copied == Paging.PageSizeBytes ? Errno.Success : Errno.EFAULT;
            }

            // A fault through a mapping was faster: its page gets the bytes.
            var reader = frame.Reader(0, copied);
            var target = installed.Writer(0, copied);
            reader.CopyTo(ref target);
            installed.Release();
        }

        frame.Release();
        Uncharge(1);
        return copied == Paging.PageSizeBytes ? Errno.Success : Errno.EFAULT;
    }

    private Errno GetOrAllocate(long index, bool ignoreLength, out Frame frame)
    {
        frame = TryGetCachedPage(index);
        if (!frame.IsNull)
        {
            return Errno.Success;
        }

        var error = Charge();
        if (error != Errno.Success)
        {
            return error;
        }

        if (!Frame.TryAllocate(out var fresh))
        {
            Uncharge(1);
            return Errno.ENOMEM;
        }

        error = IsHole(index) ? Errno.Success : Fill(index, fresh);
        if (error == Errno.Success)
        {
            frame = fresh.Share();
            var installed = Install(index, fresh, ignoreLength, out var isKept);
            if (isKept)
            {
                return Errno.Success;
            }

            if (installed.IsNull)
            {
                // Truncated meanwhile: the page is past the end.
                frame.Release();
                frame = default;
                fresh.Release();
                Uncharge(1);
                return Errno.EFAULT;
            }

            frame.Release();
            frame = installed;
        }

        fresh.Release();
        Uncharge(1);
        return error;
    }

    /// <summary>Puts a page in, taking over the caller's reference if <paramref name="isKept"/>.</summary>
    /// <returns>The page that is there already, shared, or the null handle when the page was kept or lies past the end.</returns>
    private Frame Install(long index, Frame frame, bool ignoreLength, out bool isKept)
    {
        isKept = false;
        var store = Store;
        using var growth = store.GrowthLock.Acquire();
        FrameTree.Node? spare = null;
        while (true)
        {
            bool needsLeaf;
            using (store.Lock.Acquire())
            {
                if (store.Tree.TryPrepare(index, ref spare, out needsLeaf))
                {
                    break;
                }
            }

            // Allocated outside of the spinning lock: allocation may collect garbage. The growth lock keeps others from changing what is prepared.
            spare = new FrameTree.Node(needsLeaf);
        }

        using var guard = store.Lock.Acquire();
        var present = store.Tree.Get(index);
        if (!present.IsNull)
        {
            return present.Share();
        }

        if (!ignoreLength && !IsInside(index))
        {
            return default;
        }

        store.Tree.Set(index, frame);
        isKept = true;
        return default;
    }

    /// <param name="tellsOwners">Whether those who map the pages are told of each; else <see cref="NotifyTruncation"/> follows.</param>
    private void RemovePages(long from, long end, bool tellsOwners)
    {
        Span<Frame> taken = stackalloc Frame[32];
        Span<long> indexes = stackalloc long[32];
        if (StoreOrNull is not { } store)
        {
            return;
        }

        using var growth = store.GrowthLock.Acquire();
        while (from < end)
        {
            int count;
            using (store.Lock.Acquire())
            {
                count = store.Tree.TakeRange(from, end, taken, indexes, out from);
            }

            if (tellsOwners && count > 0)
            {
                store.CountRemoval();
                foreach (var owner in store.Owners)
                {
                    owner.OnPagesRemoved(this, indexes[..count], taken[..count]);
                }
            }

            for (var i = 0; i < count; i++)
            {
                taken[i].Release();
            }

            if (count > 0)
            {
                Uncharge(count);
            }
        }

        using var guard = store.Lock.Acquire();
        store.Tree.Trim();
    }

    private void ZeroPart(long index, int offset, int length)
    {
        var frame = TryGetCachedPage(index);
        if (!frame.IsNull)
        {
            frame.Fill(offset, length, 0);
            frame.Release();
        }
    }

    private void NotifyTruncation(long firstPageIndex)
    {
        if (StoreOrNull is not { } store)
        {
            return;
        }

        store.CountRemoval();
        var owners = store.Owners;
        for (var i = 0; i < owners.Length; i++)
        {
            owners[i].OnTruncate(this, firstPageIndex);
        }
    }
}
