// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>
/// Marks what is reachable. Objects found wait on a stack of fixed size; when it is full, the block of the object is flagged instead, and all
/// marked objects of flagged blocks are looked at again: slower, but it always ends and needs no memory.
/// </summary>
// SAFETY: runs inside of collections only, under the collector's protocol. RegionOf lets addresses of blocks ever used pass, and their
// infos are backed. A word from a stack counts only when its cell is in use, and such a cell holds an object with its method table,
// since GcHeap stores it before it leaves the lock. A push is checked against s_stack's capacity. Ranges are the caller's, who has
// checked that they are mapped.
internal static unsafe class Marker
{
    private const int StackCapacity = 16 * 1024;

    private static byte** s_stack;
    private static int s_depth;
    private static bool s_hasOverflowed;

    internal static ulong OverflowCount { get; private set; }

    internal static void Initialize()
    {
        s_stack = (byte**)NativeHeap.AllocateZeroed(StackCapacity * 8);
        if (s_stack == null)
        {
            RuntimePanic.Fail("the boot heap has no room for the mark stack");
        }
    }

    /// <summary>Marks by a word that is a reference to an object, null, or a reference to something outside of the heap (frozen objects).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MarkReference(nuint reference)
    {
        HeapRegion* region = GcHeap.RegionOf(reference);
        if (region == null)
        {
            return;
        }

        nuint cell = reference - ObjectLayout.HeaderSize;
        BlockInfo* info = &region->Infos[(cell - region->Base) >> HeapRegion.BlockShift];
        if (info->Kind == BlockKind.Small)
        {
            if (info->TryMark(info->IndexOf((uint)(cell & (HeapRegion.BlockSize - 1)))))
            {
                Push((byte*)reference, info);
            }
        }
        else if (info->Kind == BlockKind.Large)
        {
            if (info->IsLargeMarked == 0)
            {
                info->IsLargeMarked = 1;
                Push((byte*)reference, info);
            }
        }
        else
        {
            RuntimePanic.WriteHex(reference);
            RuntimePanic.Fail("a reference points into the heap, but to no object");
        }
    }

    /// <summary>
    /// Marks by a word that may be anything. It counts when it points into an object, at its end (a span's end is held there), or at its header.
    /// </summary>
    internal static void MarkConservatively(nuint word)
    {
        // An address at an object's end is the header of the next cell, so the header word counts to the object before it.
        nuint address = word - ObjectLayout.HeaderSize;
        HeapRegion* region = GcHeap.RegionOf(address);
        if (region == null)
        {
            return;
        }

        nuint block = (address - region->Base) >> HeapRegion.BlockShift;
        BlockInfo* info = &region->Infos[block];
        if (info->Kind == BlockKind.Continuation)
        {
            info -= info->CellSize;
        }

        if (info->Kind == BlockKind.Small)
        {
            uint index = info->IndexOf((uint)(address & (HeapRegion.BlockSize - 1)));
            if (index < info->CellCount && info->IsCellInUse(index) && info->TryMark(index))
            {
                Push(region->AddressOf(info) + (nuint)index * info->CellSize + ObjectLayout.HeaderSize, info);
            }
        }
        else if (info->Kind == BlockKind.Large && info->IsLargeMarked == 0)
        {
            byte* cell = region->AddressOf(info);
            if (address < (nuint)cell + info->LargeSize)
            {
                info->IsLargeMarked = 1;
                Push(cell + ObjectLayout.HeaderSize, info);
            }
        }
    }

    /// <summary>Marks by every aligned word of a range.</summary>
    internal static void MarkRange(nuint start, nuint end)
    {
        for (nuint* word = (nuint*)((start + 7) & ~(nuint)7); word + 1 <= (nuint*)end; word++)
        {
            MarkConservatively(*word);
        }
    }

    /// <summary>Whether an object survives. Those outside of the heap always do.</summary>
    internal static bool IsMarked(nuint reference)
    {
        HeapRegion* region = GcHeap.RegionOf(reference);
        if (region == null)
        {
            return true;
        }

        nuint cell = reference - ObjectLayout.HeaderSize;
        BlockInfo* info = &region->Infos[(cell - region->Base) >> HeapRegion.BlockShift];
        return info->Kind == BlockKind.Large
            ? info->IsLargeMarked != 0
            : info->IsMarked(info->IndexOf((uint)(cell & (HeapRegion.BlockSize - 1))));
    }

    /// <summary>Follows everything that was found until nothing is left.</summary>
    internal static void Drain()
    {
        while (true)
        {
            while (s_depth > 0)
            {
                byte* o = s_stack[--s_depth];
                GcDescriptor.MarkReferences(o, ObjectLayout.TypeOf(o));
            }

            if (!s_hasOverflowed)
            {
                return;
            }

            s_hasOverflowed = false;
            OverflowCount++;
            Rescan(GcHeap.BootRegion);
            Rescan(GcHeap.MainRegion);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Push(byte* o, BlockInfo* info)
    {
        MethodTable* type = ObjectLayout.TypeOf(o);
        if (!type->ContainsPointers)
        {
            return;
        }

        if (s_depth < StackCapacity)
        {
            s_stack[s_depth++] = o;
        }
        else
        {
            info->NeedsRescan = 1;
            s_hasOverflowed = true;
        }
    }

    private static void Rescan(HeapRegion* region)
    {
        for (uint i = 0; i < region->UsedBlocks; i++)
        {
            BlockInfo* info = &region->Infos[i];
            if (info->NeedsRescan == 0)
            {
                continue;
            }

            info->NeedsRescan = 0;
            byte* block = region->AddressOf(info);
            if (info->Kind == BlockKind.Large)
            {
                byte* o = block + ObjectLayout.HeaderSize;
                GcDescriptor.MarkReferences(o, ObjectLayout.TypeOf(o));
                continue;
            }

            for (uint cell = 0; cell < info->CellCount; cell++)
            {
                if (info->IsMarked(cell))
                {
                    byte* o = block + (nuint)cell * info->CellSize + ObjectLayout.HeaderSize;
                    MethodTable* type = ObjectLayout.TypeOf(o);
                    if (type->ContainsPointers)
                    {
                        GcDescriptor.MarkReferences(o, type);
                    }
                }

                // Keep the stack short, so that the flag is not set again for objects of this very block.
                while (s_depth > 0)
                {
                    byte* found = s_stack[--s_depth];
                    GcDescriptor.MarkReferences(found, ObjectLayout.TypeOf(found));
                }
            }
        }
    }
}
