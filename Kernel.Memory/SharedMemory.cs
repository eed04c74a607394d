// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <summary>
/// Anonymous memory that several mappings share: frames by page index, allocated at the first access. It lives as long as it is mapped; the last mapping's end frees the frames.
/// </summary>
internal sealed class SharedMemory(long lengthBytes) : IMemoryObject
{
    private const int ChunkShift = 9;
    private const int ChunkPages = 1 << ChunkShift;

    private readonly SpinLock _lock = new();
    private readonly Frame[]?[] _chunks = new Frame[]?[((lengthBytes + Paging.PageSizeBytes - 1) >> (Paging.PageShift + ChunkShift)) + 1];
    private int _mappings;

    /// <inheritdoc/>
    public long LengthBytes => lengthBytes;

    /// <inheritdoc/>
    /// <remarks>Pages stay until nobody maps the object any more.</remarks>
    public long RemovalCount => 0;

    /// <inheritdoc/>
    public Result<Frame> GetPage(long pageIndex, bool forWrite)
    {
        if (pageIndex < 0 || pageIndex << Paging.PageShift >= lengthBytes)
        {
            return Errno.EFAULT;
        }
        Frame cached = TryGetCachedPage(pageIndex);
        if (!cached.IsNull)
        {
            return cached;
        }
        if (!Frame.TryAllocate(out Frame fresh))
        {
            return Errno.ENOMEM;
        }
        Frame[]? spare = _chunks[pageIndex >> ChunkShift] is null ? new Frame[ChunkPages] : null;
        using (SpinGuard guard = _lock.Acquire())
        {
            // A chunk that is there stays.
            Frame[] chunk = _chunks[pageIndex >> ChunkShift] ??= spare!;
            ref Frame slot = ref chunk[(int)pageIndex & (ChunkPages - 1)];
            if (slot.IsNull)
            {
                slot = fresh;
                return fresh.Share();
            }
            cached = slot.Share();
        }
        fresh.Release();
        return cached;
    }

    /// <inheritdoc/>
    public Frame TryGetCachedPage(long pageIndex)
    {
        if (pageIndex < 0 || pageIndex << Paging.PageShift >= lengthBytes)
        {
            return default;
        }
        using SpinGuard guard = _lock.Acquire();
        Frame frame = _chunks[pageIndex >> ChunkShift] is { } chunk ? chunk[(int)pageIndex & (ChunkPages - 1)] : default;
        return frame.IsNull ? default : frame.Share();
    }

    /// <inheritdoc/>
    public void AddMapping(IMappingOwner owner)
    {
        using SpinGuard guard = _lock.Acquire();
        _mappings++;
    }

    /// <inheritdoc/>
    public void RemoveMapping(IMappingOwner owner)
    {
        using (SpinGuard guard = _lock.Acquire())
        {
            if (--_mappings > 0)
            {
                return;
            }
        }

        // The last mapping is gone: nobody can reach the object any more.
        for (int i = 0; i < _chunks.Length; i++)
        {
            if (_chunks[i] is not { } chunk)
            {
                continue;
            }
            _chunks[i] = null;
            foreach (Frame frame in chunk)
            {
                if (!frame.IsNull)
                {
                    frame.Release();
                }
            }
        }
    }
}
