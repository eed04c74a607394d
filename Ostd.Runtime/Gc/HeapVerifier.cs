// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>Checks after a collection that every object in use is one, and fits its cell. Debugging aid; slow.</summary>
// SAFETY: runs at a collection's end under the collector's protocol, when the cells in use are those marked; infos are backed up to
// UsedBlocks. A type is followed only when it lies in the image or the heap.
internal static unsafe class HeapVerifier
{
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
                VerifyObject(block + ObjectLayout.HeaderSize, info->LargeSize);
            }
            else if (info->Kind == BlockKind.Small)
            {
                for (uint cell = 0; cell < info->CellCount; cell++)
                {
                    if (info->IsCellInUse(cell))
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
        ImageTable* image = ArchRuntime.ImageTable();
        bool isInImage = (nuint)type >= image->KernelStart && (nuint)type < image->KernelEnd;

        // Types made at run time (generic virtual methods) live in native memory.
        if ((!isInImage && GcHeap.RegionOf((nuint)type) == null) || ObjectLayout.SizeOf(o, type) > cellSize)
        {
            RuntimePanic.WriteHex((ulong)o);
            RuntimePanic.Write(" ");
            RuntimePanic.WriteHex((ulong)type);
            RuntimePanic.Fail("the heap is corrupt: a cell in use holds no object, or one that is too large");
        }
    }
}
