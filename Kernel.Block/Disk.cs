// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Block;
using Kernel.Block.Partitions;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Block;

/// <summary>
/// A disk as a row of bytes, which ranges of it are read and written through. Nothing is cached: what is read comes from the disk and what is written is there when the call returns, so that all who open it see the same. Transfers that don't cover whole
/// blocks read the rest of the block first.
/// </summary>
internal sealed class Disk : IPartitionedDisk
{
    // What Linux waits (/sys/block/vda/queue/io_timeout).
    private const long RequestTimeoutNs = 30_000_000_000;

    private readonly IBlockDriver _driver;
    private readonly RequestPool _requests;

    // Writers of whole blocks share it; who reads a block, changes a part and writes it back has it alone.
    private readonly RwMutex _blockLock = new();

    // For the rest of a block that is written in part. Guarded by _blockLock, held for writing.
    private readonly BlockRequest _rest;

    public Disk(IBlockDriver driver, in BlockGeometry geometry, RequestPool requests, BlockRequest rest)
    {
        _driver = driver;
        _requests = requests;
        _rest = rest;
        Geometry = geometry;
    }

    /// <summary>What the disk is like.</summary>
    public BlockGeometry Geometry { get; }

    /// <inheritdoc/>
    public int BlockSize => Geometry.LogicalBlockSize;

    /// <inheritdoc/>
    public long SectorCount => Geometry.SectorCount;

    /// <inheritdoc/>
    public bool TryRead(long sector, Span<byte> destination)
    {
        if (sector < 0 || sector > SectorCount - destination.Length / BlockGeometry.SectorSize)
        {
            return false;
        }

        var writer = new VmWriter(destination);
        var read = Read(ref writer, sector * BlockGeometry.SectorSize, Geometry.SizeBytes);
        return read.IsOk && read.Value == destination.Length;
    }

    /// <summary>Reads from an offset up to the end of a range of the disk.</summary>
    /// <returns>Bytes read: fewer than asked at the end, at a fault or at an error; EIO or EFAULT when there are none.</returns>
    public Result<int> Read(ref VmWriter destination, long offset, long end)
    {
        var total = 0;
        var wanted = (int)Math.Min(destination.Remaining, Math.Max(0, end - offset));
        var request = wanted > 0 ? _requests.Rent() : null;
        var error = request is not null || wanted == 0 ? Errno.Success : Errno.EIO;
        while (total < wanted && error == Errno.Success)
        {
            var head = (int)((offset + total) % Geometry.LogicalBlockSize);
            var length = TransferLength(head, wanted - total);
            error = Transfer(request!, BlockOperation.Read, offset + total - head, length);
            if (error == Errno.Success)
            {
                var useful = Math.Min(length - head, wanted - total);
                var reader = request!.Buffer.Reader(head, useful);
                var copied = reader.CopyTo(ref destination);
                total += copied;
                error = copied < useful ? Errno.EFAULT : Errno.Success;
            }
        }

        if (request is not null)
        {
            _requests.Return(request);
        }

        return total > 0 ? total : error == Errno.Success ? 0 : error;
    }

    /// <summary>Writes from an offset up to the end of a range of the disk.</summary>
    /// <returns>Bytes written; EPERM for a disk that cannot be written, ENOSPC at the range's end, EIO or EFAULT.</returns>
    public Result<int> Write(ref VmReader source, long offset, long end)
    {
        if (Geometry.IsReadOnly)
        {
            return Errno.EPERM;
        }

        if (source.Remaining == 0)
        {
            return 0;
        }

        if (offset >= end)
        {
            return Errno.ENOSPC;
        }

        var total = 0;
        var wanted = (int)Math.Min(source.Remaining, end - offset);
        if (_requests.Rent() is not { } request)
        {
            return Errno.EIO;
        }

        var error = Errno.Success;
        while (total < wanted && error == Errno.Success)
        {
            var head = (int)((offset + total) % Geometry.LogicalBlockSize);
            var useful = Math.Min(TransferLength(head, wanted - total) - head, wanted - total);
            var writer = request.Buffer.Writer(head, useful);
            var copied = source.CopyTo(ref writer);
            if (copied > 0)
            {
                error = WriteOut(request, offset + total - head, head, copied);
                total += error == Errno.Success ? copied : 0;
            }

            if (copied < useful && error == Errno.Success)
            {
                error = Errno.EFAULT;
            }
        }

        _requests.Return(request);
        return total > 0 ? total : error == Errno.Success ? 0 : error;
    }

    /// <summary>What was written is on the medium when this returns.</summary>
    public Errno Flush()
    {
        if (!Geometry.HasCache || Geometry.IsReadOnly)
        {
            return Errno.Success;
        }

        if (_requests.Rent() is not { } request)
        {
            return Errno.EIO;
        }

        var error = Transfer(request, BlockOperation.Flush, 0, 0);
        _requests.Return(request);
        return error;
    }

    // Bytes of the next transfer, from the start of a block to the end of one.
    private int TransferLength(int head, int remaining)
    {
        var blocks = ((long)head + remaining + Geometry.LogicalBlockSize - 1) / Geometry.LogicalBlockSize;
        return (int)Math.Min(blocks * Geometry.LogicalBlockSize, Geometry.MaxTransfer);
    }

    private Errno WriteOut(BlockRequest request, long start, int head, int count)
    {
        var blockSize = Geometry.LogicalBlockSize;
        var end = head + count;
        var length = (end + blockSize - 1) / blockSize * blockSize;
        if (head == 0 && length == end)
        {
            using var shared = _blockLock.AcquireRead();
            return Transfer(request, BlockOperation.Write, start, length);
        }

        using var alone = _blockLock.AcquireWrite();
        var error = Errno.Success;
        if (head != 0)
        {
            error = FillIn(request, start, 0, 0, head);
        }

        if (error == Errno.Success && length != end)
        {
            error = FillIn(request, start, length - blockSize, end, length);
        }

        return error == Errno.Success ? Transfer(request, BlockOperation.Write, start, length) : error;
    }

    // Takes a part of a block of the request from the disk: the block begins at `block` in the request's memory, and the part goes from `from` to `to`.
    private Errno FillIn(BlockRequest request, long start, int block, int from, int to)
    {
        var error = Transfer(_rest, BlockOperation.Read, start + block, Geometry.LogicalBlockSize);
        if (error == Errno.Success)
        {
            var reader = _rest.Buffer.Reader(from - block, to - from);
            var writer = request.Buffer.Writer(from, to - from);
            _ = reader.CopyTo(ref writer);
        }

        return error;
    }

    private Errno Transfer(BlockRequest request, BlockOperation operation, long start, int length)
    {
        request.Prepare(operation, start / BlockGeometry.SectorSize, length);
        _driver.Start(request);
        if (!request.TryWait(Clock.MonotonicNs + RequestTimeoutNs))
        {
            _driver.Expire(request);
        }

        return request.Wait();
    }
}
