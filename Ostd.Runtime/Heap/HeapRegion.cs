// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// A contiguous range of addresses cut into blocks, with the block infos at its beginning. There are two: the boot heap inside the image, and
/// the main region, whose pages come from the provider.
/// </summary>
// SAFETY: the addresses from Base on belong to this region alone: the image's boot heap, or what PageProvider.Install was given. Members
// run under the heap's lock, or at boot before anybody else. Infos are touched below UsedBlocks, or after EnsureInfos has backed them
// with zeroed memory; the boot heap is zeroed by the boot.
internal unsafe struct HeapRegion
{
    internal const int BlockShift = 15;
    internal const nuint BlockSize = 1 << BlockShift;

    internal nuint Base;

    /// <summary>Bytes from <see cref="Base"/> up to the highest block ever used.</summary>
    internal nuint UsedBytes;

    internal BlockInfo* Infos;
    internal uint BlockCount;
    internal uint UsedBlocks;
    private uint _searchHint;
    private uint _trimIndex;
    private uint _trimKeep;
    private nuint _committedInfoBytes;

    // All memory is there already (the boot heap).
    private bool _isStatic;

    internal void InitializeStatic(byte* memory, nuint sizeBytes)
    {
        _isStatic = true;
        Initialize((nuint)memory, sizeBytes);
    }

    internal void Initialize(nuint start, nuint sizeBytes)
    {
        Base = start;
        Infos = (BlockInfo*)start;
        BlockCount = (uint)(sizeBytes >> BlockShift);
        uint infoBlocks = (uint)((BlockCount * (nuint)sizeof(BlockInfo) + BlockSize - 1) >> BlockShift);
        if (!EnsureInfos(infoBlocks))
        {
            // Not even the first infos: the region stays empty and every allocation from it fails.
            BlockCount = 0;
            return;
        }

        for (uint i = 0; i < infoBlocks; i++)
        {
            Infos[i].Kind = BlockKind.Reserved;
        }

        UsedBlocks = infoBlocks;
        UsedBytes = (nuint)infoBlocks << BlockShift;
        _searchHint = infoBlocks;
    }

    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly byte* AddressOf(BlockInfo* info) => (byte*)(Base + ((nuint)(info - Infos) << BlockShift));

    /// <summary>Finds adjacent free blocks and backs their first bytes with memory.</summary>
    /// <param name="count">How many.</param>
    /// <returns>The first block, or null. The caller sets the kinds.</returns>
    [NoAlloc]
    internal BlockInfo* Take(uint count)
    {
        uint first = FindFree(count);
        if (first == uint.MaxValue)
        {
            first = UsedBlocks;
            while (first > 0 && Infos[first - 1].Kind == BlockKind.Free)
            {
                first--;
            }

            if (BlockCount - first < count || !EnsureInfos(first + count))
            {
                return null;
            }
        }

        if (!Commit(first, count))
        {
            return null;
        }

        if (first + count > UsedBlocks)
        {
            UsedBlocks = first + count;
            UsedBytes = (nuint)UsedBlocks << BlockShift;
        }

        if (first <= _searchHint)
        {
            _searchHint = first + count;
        }

        return &Infos[first];
    }

    /// <summary>Marks blocks free. Their memory stays until <see cref="Trim"/>.</summary>
    [InterruptSafe]
    internal void Free(BlockInfo* info, uint count)
    {
        uint first = (uint)(info - Infos);
        for (uint i = first; i < first + count; i++)
        {
            Infos[i].Kind = BlockKind.Free;
            Infos[i].NeedsRescan = 0;
        }

        if (first < _searchHint)
        {
            _searchHint = first;
        }
    }

    /// <summary>Begins to give the memory of free blocks back, all but the given number.</summary>
    [NoAlloc]
    internal void BeginTrim(uint keep)
    {
        _trimIndex = 0;
        _trimKeep = keep;
    }

    /// <summary>Gives the memory of some blocks back.</summary>
    /// <returns>False when there was none left.</returns>
    [NoAlloc]
    internal bool TrimStep(uint blocks)
    {
        while (!_isStatic && _trimIndex < UsedBlocks)
        {
            BlockInfo* info = &Infos[_trimIndex];
            if (info->Kind != BlockKind.Free || info->IsCommitted == 0)
            {
                _trimIndex++;
            }
            else if (_trimKeep > 0)
            {
                _trimKeep--;
                _trimIndex++;
            }
            else if (blocks-- > 0)
            {
                PageProvider.Decommit((nuint)AddressOf(info), BlockSize);
                info->IsCommitted = 0;
                _trimIndex++;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Gives the memory of free blocks back, all but the given number.</summary>
    [NoAlloc]
    internal void Trim(uint keep)
    {
        BeginTrim(keep);
        TrimStep(uint.MaxValue);
    }

    /// <summary>Bytes of free blocks that are backed by memory.</summary>
    internal readonly nuint CountFreeBytes()
    {
        nuint free = 0;
        for (uint i = 0; i < UsedBlocks; i++)
        {
            free += Infos[i].Kind == BlockKind.Free && Infos[i].IsCommitted != 0 ? BlockSize : 0;
        }

        return free;
    }

    [NoAlloc]
    private uint FindFree(uint count)
    {
        uint run = 0;
        uint first = uint.MaxValue;
        for (uint i = _searchHint; i < UsedBlocks; i++)
        {
            if (Infos[i].Kind != BlockKind.Free)
            {
                run = 0;
                continue;
            }

            if (first == uint.MaxValue)
            {
                // Everything below is taken: the next search need not look there.
                first = i;
                _searchHint = i;
            }

            if (++run == count)
            {
                return i + 1 - count;
            }
        }

        if (first == uint.MaxValue)
        {
            _searchHint = UsedBlocks;
        }

        return uint.MaxValue;
    }

    [NoAlloc]
    private bool EnsureInfos(uint blockCount)
    {
        if (_isStatic)
        {
            return true;
        }

        nuint needed = (blockCount * (nuint)sizeof(BlockInfo) + PageProvider.PageSize - 1) & ~(PageProvider.PageSize - 1);
        if (needed > _committedInfoBytes)
        {
            nuint start = Base + _committedInfoBytes;
            nuint size = needed - _committedInfoBytes;
            if (!PageProvider.Commit(start, size))
            {
                return false;
            }

            ArchRuntime.Zero((byte*)start, size);
            _committedInfoBytes = needed;
        }

        return true;
    }

    [NoAlloc]
    private bool Commit(uint first, uint count)
    {
        if (_isStatic)
        {
            return true;
        }

        for (uint i = 0; i < count; i++)
        {
            BlockInfo* info = &Infos[first + i];
            if (info->IsCommitted == 0)
            {
                if (!PageProvider.Commit((nuint)AddressOf(info), BlockSize))
                {
                    // What was committed so far stays with its free blocks, for the next taker or the next trim.
                    return false;
                }

                info->IsCommitted = 1;
            }
        }

        return true;
    }
}
