// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Memory;

/// <summary>
/// What a cursor owes before it unlocks: translations to flush, and frames and tables that may be released only after the flush. Lives in its space and is
/// guarded by that space's lock; allocates nothing.
/// </summary>
internal sealed class TlbBatch
{
    // Above so many pages one full flush costs less than the single ones (Linux's tlb_single_page_flush_ceiling is 33).
    private const int SingleFlushLimit = 32;
    private const int Capacity = 64;

    private readonly Frame[] _frames = new Frame[Capacity];
    private readonly ulong[] _tables = new ulong[16];
    private readonly ulong[] _pages = new ulong[SingleFlushLimit];
    private int _frameCount;
    private int _tableCount;
    private int _pageCount;

    /// <summary>A translation of this page may be cached.</summary>
    public void AddPage(ulong address)
    {
        if (_pageCount < SingleFlushLimit)
        {
            _pages[_pageCount] = address;
        }
        _pageCount++;
    }

    /// <summary>Takes over the page table's reference to a frame that was mapped.</summary>
    public void AddFrame(VmSpace space, Frame frame)
    {
        if (_frameCount == Capacity)
        {
            Flush(space);
        }
        _frames[_frameCount++] = frame;
    }

    /// <summary>Takes over a table that was unlinked. Its upper levels may be cached even where no page was.</summary>
    public void AddTable(VmSpace space, ulong table, ulong address)
    {
        if (_tableCount == _tables.Length)
        {
            Flush(space);
        }
        _tables[_tableCount++] = table;
        AddPage(address);
    }

    /// <summary>Flushes, and releases what waited for it.</summary>
    public void Flush(VmSpace space)
    {
        if (_pageCount > 0)
        {
            if (space.IsLoaded)
            {
                if (_pageCount <= SingleFlushLimit)
                {
                    for (int i = 0; i < _pageCount; i++)
                    {
                        PageTableRegister.FlushPage(_pages[i]);
                    }
                }
                else
                {
                    PageTableRegister.FlushUser();
                }
            }
            TlbShootdown.FlushOthers(space, _pages, _pageCount);
            _pageCount = 0;
        }
        for (int i = 0; i < _frameCount; i++)
        {
            _frames[i].Unpin();
        }
        for (int i = 0; i < _tableCount; i++)
        {
            PageTable.Free(_tables[i]);
        }
        _frameCount = 0;
        _tableCount = 0;
    }
}
