// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>
/// GC handles: a handle is the address of a slot whose first word is the object (CoreLib reads it directly). Slots lie in pages of one kind each, so the
/// kind needs no room in the slot.
/// </summary>
// SAFETY: a page is a native cell of 4096 bytes, aligned to its size, and never freed; a handle is the address of a slot in one, and
// CoreLib uses it from its allocation until it frees it, once. Lists change under s_lock with interrupts off, so a collection that has
// stopped the world never meets a half-done change; one that has not reads strong slots alone, and lists of pages only grow at their heads. An object in a slot is one
// aligned word. What a weak handle gives out is on a stack, which is looked through before weak handles are cleared.
internal static unsafe class HandleTable
{
    // GCHandleType's values, and one of our own.
    private const int Weak = 0;
    private const int WeakTrackResurrection = 1;
    private const int Normal = 2;
    private const int Pinned = 3;
    private const int Dependent = 4;
    private const int KindCount = 5;

    private const nuint PageSize = 4096;
    private const nuint FreeTag = 1;

    [StructLayout(LayoutKind.Sequential)]
    private struct Slot
    {
        internal nuint Object;

        /// <summary>Dependent: the secondary object. Free: the next free slot, tagged.</summary>
        internal nuint Auxiliary;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Page
    {
        internal Page* Next;
        internal Slot* FreeList;
        internal int Kind;
        internal int SlotsInUse;
        internal nuint Padding;

    }

    private struct PageLists
    {
        internal fixed ulong First[KindCount];
    }

    private static PageLists s_pages;
    private static Page* s_markPage;
    private static int s_markKind;
    private static RuntimeLock s_lock;

    private const int SlotsPerPage = (4096 - 32) / 16;

    [NoAlloc]
    private static Slot* SlotsOf(Page* page) => (Slot*)((byte*)page + 32);

    [NoAlloc]
    internal static void MarkStrong(CpuHeap* cpu)
    {
        MarkKind(cpu, Normal);
        MarkKind(cpu, Pinned);
    }

    /// <summary>Begins to mark strong handles step by step. Handles that are made or set later are shaded then.</summary>
    [NoAlloc]
    internal static void BeginStrong()
    {
        s_markKind = Normal;
        s_markPage = (Page*)s_pages.First[Normal];
    }

    /// <summary>Marks from one page of strong handles.</summary>
    /// <returns>False when there was none left.</returns>
    [NoAlloc]
    internal static bool MarkStrongStep(CpuHeap* cpu)
    {
        if (s_markPage == null)
        {
            if (s_markKind == Pinned)
            {
                return false;
            }

            s_markKind = Pinned;
            s_markPage = (Page*)s_pages.First[Pinned];
            return true;
        }

        MarkPage(cpu, s_markPage);
        s_markPage = s_markPage->Next;
        return true;
    }

    /// <summary>Marks the secondary objects whose primaries live, until none is added.</summary>
    [NoAlloc]
    internal static void MarkDependents(CpuHeap* cpu)
    {
        bool hasFound;
        do
        {
            hasFound = false;
            for (Page* page = (Page*)s_pages.First[Dependent]; page != null; page = page->Next)
            {
                Slot* slots = SlotsOf(page);
                for (int i = 0; i < SlotsPerPage; i++)
                {
                    Slot* slot = &slots[i];
                    if (slot->Object != 0 && slot->Auxiliary != 0 && Marker.IsMarked(slot->Object) && !Marker.IsMarked(slot->Auxiliary))
                    {
                        Marker.MarkReference(cpu, slot->Auxiliary);
                        hasFound = true;
                    }
                }
            }

            Marker.Drain(cpu);
        }
        while (hasFound);
    }

    /// <summary>After marking: empties weak and dependent handles of dead objects.</summary>
    [NoAlloc]
    internal static void ClearDead()
    {
        ClearKind(Weak);
        ClearKind(WeakTrackResurrection);
        ClearKind(Dependent);
    }

    [NoAlloc]
    private static void MarkKind(CpuHeap* cpu, int kind)
    {
        for (Page* page = (Page*)s_pages.First[kind]; page != null; page = page->Next)
        {
            MarkPage(cpu, page);
        }
    }

    [NoAlloc]
    private static void MarkPage(CpuHeap* cpu, Page* page)
    {
        Slot* slots = SlotsOf(page);
        for (int i = 0; i < SlotsPerPage; i++)
        {
            nuint o = slots[i].Object;
            if (o != 0)
            {
                Marker.MarkReference(cpu, o);
            }
        }
    }

    [NoAlloc]
    private static void ClearKind(int kind)
    {
        for (Page* page = (Page*)s_pages.First[kind]; page != null; page = page->Next)
        {
            Slot* slots = SlotsOf(page);
            for (int i = 0; i < SlotsPerPage; i++)
            {
                if (slots[i].Object != 0 && !Marker.IsMarked(slots[i].Object))
                {
                    slots[i].Object = 0;
                    slots[i].Auxiliary = 0;
                }
            }
        }
    }

    private static Slot* AllocateSlot(int kind, nuint o, nuint auxiliary)
    {
        nuint flags = s_lock.Enter();
        Page* page = (Page*)s_pages.First[kind];
        while (page != null && page->FreeList == null)
        {
            page = page->Next;
        }

        if (page == null)
        {
            page = AddPage(kind);
        }

        Slot* slot = null;
        if (page != null)
        {
            slot = page->FreeList;
            page->FreeList = (Slot*)(slot->Auxiliary & ~FreeTag);
            page->SlotsInUse++;
            slot->Auxiliary = auxiliary;
            slot->Object = o;
        }

        s_lock.Exit(flags);

        // A weak handle's object need not live on, but it does for this cycle: it is in the caller's hands anyway.
        WriteBarrier.Shade(o);
        WriteBarrier.Shade(auxiliary);
        return slot;
    }

    private static Page* AddPage(int kind)
    {
        // Blocks of the native heap are cut into cells aligned to their size, so a slot's page is found by rounding down.
        Page* page = (Page*)NativeHeap.AllocateZeroed(PageSize);
        if (page == null)
        {
            return null;
        }

        page->Kind = kind;
        Slot* slots = SlotsOf(page);
        for (int i = SlotsPerPage - 1; i >= 0; i--)
        {
            slots[i].Auxiliary = (nuint)page->FreeList | FreeTag;
            page->FreeList = &slots[i];
        }

        page->Next = (Page*)s_pages.First[kind];
        s_pages.First[kind] = (ulong)page;
        return page;
    }

    [RuntimeExport("RhpHandleAlloc")]
    private static nint Allocate(nuint o, int type) => (nint)AllocateSlot(type is >= Weak and <= Pinned ? type : Normal, o, 0);

    [RuntimeExport("RhpHandleAllocDependent")]
    private static nint AllocateDependent(nuint primary, nuint secondary) => (nint)AllocateSlot(Dependent, primary, secondary);

    [RuntimeExport("RhHandleFree")]
    private static void Free(nint handle)
    {
        nuint flags = s_lock.Enter();
        Slot* slot = (Slot*)handle;
        Page* page = (Page*)((nuint)handle & ~(PageSize - 1));
        slot->Object = 0;
        slot->Auxiliary = (nuint)page->FreeList | FreeTag;
        page->FreeList = slot;
        page->SlotsInUse--;
        s_lock.Exit(flags);
    }

    [RuntimeExport("RhHandleGet")]
    private static nuint Get(nint handle) => ((Slot*)handle)->Object;

    [RuntimeExport("RhHandleSet")]
    private static void Set(nint handle, nuint o)
    {
        ((Slot*)handle)->Object = o;
        WriteBarrier.Shade(o);
    }

    [RuntimeExport("RhHandleGetDependent")]
    private static nuint GetDependent(nint handle, nuint* secondary)
    {
        Slot* slot = (Slot*)handle;
        nuint primary = slot->Object;
        *secondary = primary != 0 ? slot->Auxiliary : 0;
        return primary;
    }

    [RuntimeExport("RhHandleSetDependentSecondary")]
    private static void SetDependentSecondary(nint handle, nuint secondary)
    {
        ((Slot*)handle)->Auxiliary = secondary;
        WriteBarrier.Shade(secondary);
    }
}
