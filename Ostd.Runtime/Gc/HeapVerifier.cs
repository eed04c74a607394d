// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// Checks at the end of a marking that every object that was found alive is one, fits its cell and refers to none that was not found. Debugging aid; slow.
/// </summary>
// SAFETY: runs with the world stopped; infos are backed up to UsedBlocks. A type is followed only when it lies in the image or in native blocks of the heap, and the references
// of an object only when its size fits its cell.
[NoAlloc]
internal static unsafe class HeapVerifier
{
    internal static ulong CheckedObjects { get; private set; }

    internal static void Verify()
    {
        VerifyRegion(GcHeap.BootRegion);
        VerifyRegion(GcHeap.MainRegion);
    }

    private static void VerifyRegion(HeapRegion* region)
    {
        for (uint i = 0; i < region->UsedBlocks; i++)
        {
            BlockInfo* info = &region->Infos[i];
            byte* block = region->AddressOf(info);
            if (info->Kind == BlockKind.Large)
            {
                if (info->State[0] == Marker.Epoch)
                {
                    VerifyObject(block + ObjectLayout.HeaderSize, info->LargeSize);
                }
            }
            else if (info->Kind == BlockKind.Small)
            {
                for (uint cell = 0; cell < info->CellCount; cell++)
                {
                    if (info->State[cell] == Marker.Epoch)
                    {
                        VerifyObject(block + (nuint)cell * info->CellSize + ObjectLayout.HeaderSize, info->CellSize);
                    }
                }
            }
        }
    }

    private static void VerifyObject(byte* o, nuint cellSize)
    {
        MethodTable* type = ObjectLayout.TypeOf(o);
        if (type == null)
        {
            return; // a cell of a cache
        }

        if (!IsPlausible(type) || ObjectLayout.SizeOf(o, type) > cellSize)
        {
            Describe(o, type);
            RuntimePanic.Fail("the heap is corrupt: a cell in use holds no object, or one that is too large");
        }

        CheckedObjects++;
        if (type->ContainsPointers)
        {
            GcDescriptor.VerifyReferences(o, type);
        }
    }

    // Types made at run time (generic virtual methods) live in native memory.
    private static bool IsPlausible(MethodTable* type)
    {
        ImageTable* image = ArchRuntime.ImageTable();
        nuint address = (nuint)type;
        if ((address & 7) != 0)
        {
            return false;
        }

        if (address >= image->KernelStart && address < image->KernelEnd)
        {
            return true;
        }

        HeapRegion* region = GcHeap.RegionOf(address);
        return region != null && region->Infos[(address - region->Base) >> HeapRegion.BlockShift].Kind is BlockKind.Native or BlockKind.NativeLarge or BlockKind.Continuation;
    }

    /// <summary>Checks one field of an object that is alive.</summary>
    internal static void VerifyReference(byte* o, nuint* slot)
    {
        nuint reference = *slot;
        HeapRegion* region = GcHeap.RegionOf(reference);
        if (region == null)
        {
            return;
        }

        if (Marker.IsObject(region, reference) && Marker.IsMarked(reference))
        {
            return;
        }

        Describe(o, ObjectLayout.TypeOf(o));
        RuntimePanic.Write(" at offset ");
        RuntimePanic.WriteHex((ulong)((byte*)slot - o));
        RuntimePanic.Write(" refers to ");
        RuntimePanic.WriteHex(reference);
        RuntimePanic.Fail("the heap is corrupt: an object that is alive refers to one that is not");
    }

    private static void Describe(byte* o, MethodTable* type)
    {
        RuntimePanic.Write("\nobject ");
        RuntimePanic.WriteHex((ulong)o);
        RuntimePanic.Write(" of type ");
        RuntimePanic.WriteHex((ulong)type);
    }
}
