// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ostd.Runtime;

/// <summary>
/// Interface dispatch cells. A call site's cell holds a stub and, at first, what it dispatches to (an interface and a slot); after the first call it holds a cache
/// from receiver type to code, which <c>RhpCachedInterfaceDispatch</c> searches.
/// </summary>
/// <remarks>
/// A published cache changes only by entries added behind the last; when it is full, a larger copy replaces it by one store into the cell.
/// Old ones are not freed, since a task may have been preempted while it searched one; as each is twice as large as the one before, they
/// add up to no more than the last. A call site with more than <see cref="LargestCache"/> receiver types resolves the others anew at each
/// call.
/// </remarks>
// SAFETY: cells lie in the image's data or in memory of NewCell that is never freed; ilc ends a run of them with one without a stub.
// Caches are zeroed native memory with an empty entry behind the last, and are never freed, so a search without the lock stays in valid
// memory. Only Update writes cells and caches, with s_lock held; an entry's target is stored before its type, which makes the entry
// visible.
internal static unsafe class DispatchCells
{
    private const int LargestCache = 64;

    // How the second word of an unused cell says what it means (NativeAOT, InterfaceDispatchCell).
    private const nuint TagMask = 3;
    private const nuint TagIsInterface = 1;
    private const nuint TagIsIndirectRelative = 2;
    private const nuint TagIsRelative = 3;
    private const nuint VtableOffsetLimit = 0x1000;

    private const int TypeInterfaceAndSlot = 0;
    private const int TypeVtableOffset = 2;

    [StructLayout(LayoutKind.Sequential)]
    private struct Cell
    {
        internal nuint Stub;
        internal nuint Cache;
    }

    // DispatchCellInfo of CoreLib.
    [StructLayout(LayoutKind.Sequential)]
    private struct CellInfo
    {
        internal int CellType;
        internal MethodTable* InterfaceType;
        internal ushort InterfaceSlot;
        internal byte HasCache;
        internal uint MetadataToken;
        internal uint VtableOffset;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        internal MethodTable* Type;
        internal nuint Target;
    }

    // The entries begin at 16 and end with an empty one; the stubs know that.
    [StructLayout(LayoutKind.Sequential)]
    private struct Cache
    {
        internal MethodTable* InterfaceType;
        internal ushort InterfaceSlot;
        internal ushort Capacity;
        internal ushort Count;
        internal ushort Padding;
    }

    private static RuntimeLock s_lock;

    private static Entry* EntriesOf(Cache* cache) => (Entry*)(cache + 1);

    [RuntimeExport("RhpGetDispatchCellInfo")]
    private static void GetInfo(Cell* cell, CellInfo* info)
    {
        *info = default;
        nuint word = Volatile.Read(ref cell->Cache);
        if ((word & TagMask) == 0)
        {
            if (word < VtableOffsetLimit)
            {
                info->CellType = TypeVtableOffset;
                info->VtableOffset = (uint)word;
                info->HasCache = 1;
                return;
            }

            Cache* cache = (Cache*)word;
            info->CellType = TypeInterfaceAndSlot;
            info->InterfaceType = cache->InterfaceType;
            info->InterfaceSlot = cache->InterfaceSlot;
            info->HasCache = 1;
            return;
        }

        // Cells of one slot stand in a run; the one that ends it has no stub, and holds kind and slot of all.
        Cell* last = cell;
        while (last->Stub != 0)
        {
            last++;
        }

        info->CellType = (int)(last->Cache >> 16);
        info->InterfaceSlot = (ushort)last->Cache;
        switch (word & TagMask)
        {
            case TagIsInterface:
                info->InterfaceType = (MethodTable*)(word & ~TagMask);
                break;
            case TagIsRelative:
                info->InterfaceType = (MethodTable*)RelativeTo(cell, word);
                break;
            case TagIsIndirectRelative:
                info->InterfaceType = *(MethodTable**)RelativeTo(cell, word);
                break;
            default:
                break;
        }
    }

    private static nuint RelativeTo(Cell* cell, nuint word) => ((nuint)(&cell->Cache) + (nuint)(nint)(int)word) & ~TagMask;

    [RuntimeExport("RhpSearchDispatchCellCache")]
    private static nuint Search(Cell* cell, MethodTable* type)
    {
        nuint word = Volatile.Read(ref cell->Cache);
        if ((word & TagMask) == 0 && word >= VtableOffsetLimit)
        {
            for (Entry* entry = EntriesOf((Cache*)word); entry->Type != null; entry++)
            {
                if (entry->Type == type)
                {
                    return entry->Target;
                }
            }
        }

        return 0;
    }

    [RuntimeExport("RhpUpdateDispatchCellCache")]
    private static nuint Update(Cell* cell, nuint target, MethodTable* type, CellInfo* info)
    {
        // Where a policy runs, the heap may be locked: its calls are looked up each time.
        if (info->CellType != TypeInterfaceAndSlot || RuntimeThread.IsInPolicy)
        {
            return target;
        }

        nuint flags = s_lock.Enter();
        nuint word = cell->Cache;
        Cache* old = (word & TagMask) == 0 ? (Cache*)word : null;
        int count = old != null ? old->Count : 0;
        if (count < LargestCache && Search(cell, type) == 0)
        {
            Cache* cache = MakeLarger(old, count, type, target, info);
            if (cache != null)
            {
                // The cache first: a stub that finds the old word goes the slow way, which understands both.
                Volatile.Write(ref cell->Cache, (nuint)cache);
                Volatile.Write(ref cell->Stub, ArchRuntime.ImageTable()->CachedDispatch);
            }
        }

        s_lock.Exit(flags);
        return target;
    }

    // Caches grow by copying; those with room to the next power of two share an allocation size, so that growth costs little.
    private static Cache* MakeLarger(Cache* old, int count, MethodTable* type, nuint target, CellInfo* info)
    {
        if (old != null && count < old->Capacity)
        {
            // The ending entry turns into the new one: code before type, and the entry behind it is empty already.
            Entry* end = &EntriesOf(old)[count];
            end->Target = target;
            Volatile.Write(ref *(nuint*)&end->Type, (nuint)type);
            old->Count = (ushort)(count + 1);
            return old;
        }

        int capacity = count == 0 ? 1 : count * 2;
        Cache* cache = (Cache*)NativeHeap.AllocateZeroed((nuint)(sizeof(Cache) + (capacity + 1) * sizeof(Entry)));
        if (cache == null)
        {
            return null;
        }

        cache->InterfaceType = info->InterfaceType;
        cache->InterfaceSlot = info->InterfaceSlot;
        cache->Capacity = (ushort)capacity;
        Entry* entries = EntriesOf(cache);
        for (int i = 0; i < count; i++)
        {
            entries[i] = EntriesOf(old)[i];
        }

        entries[count].Type = type;
        entries[count].Target = target;
        cache->Count = (ushort)(count + 1);
        return cache;
    }

    [RuntimeExport("RhNewInterfaceDispatchCell")]
    private static nint NewCell(MethodTable* interfaceType, int slot)
    {
        Cell* cells = (Cell*)NativeHeap.AllocateZeroed((nuint)(2 * sizeof(Cell)));
        if (cells != null)
        {
            cells[0].Stub = ArchRuntime.ImageTable()->InitialDispatch;
            cells[0].Cache = (nuint)interfaceType | TagIsInterface;
            cells[1].Cache = (nuint)(uint)slot;
        }

        return (nint)cells;
    }
}
