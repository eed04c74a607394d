// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>
/// Walks an object's references by the GCDesc that the compiler puts below the method table: a count of series at -8, the series below it.
/// </summary>
/// <remarks>
/// A positive count: each series is { size, start }, 16 bytes, the first at -24; its size is relative to the object's, so that one series describes an array
/// of references of any length. A negative count: an array of structs; -24 and below hold runs { pointers, bytes to skip } (4 bytes each), -16 the start, and the
/// runs repeat to the array's end.
/// </remarks>
// SAFETY: called while a collection marks, under Marker's rules, for objects whose type has ContainsPointers: only then does ilc put a GCDesc below the method
// table. Its series name aligned words inside of the object, whose array length is stored before the allocation leaves the lock and
// never changes.
[NoAlloc]
internal static unsafe class GcDescriptor
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Series
    {
        internal nint Size;
        internal nint Start;
    }

    // A large array is looked through in pieces of about this many bytes, so that interrupts are not off for long.
    private const nuint PieceBytes = 4096;

    /// <summary>Marks everything that an object refers to, or a part of it when it is a large array, which then stays grey.</summary>
    /// <returns>About how many references were looked at.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int MarkReferences(CpuHeap* cpu, byte* o, MethodTable* type)
    {
        nint count = *((nint*)type - 1);
        return count > 0 ? MarkSeries(cpu, o, type, count) : MarkRepeated(cpu, o, type, count);
    }

    private static int MarkSeries(CpuHeap* cpu, byte* o, MethodTable* type, nint count)
    {
        nint size = (nint)SizeWithoutPadding(o, type);
        Series* series = (Series*)((nint*)type - 1) - 1;
        if (size > SizeClasses.LargestCell && count == 1)
        {
            byte* start = o + series->Start;
            byte* piece = TakePiece(cpu, o, start, start + series->Size + size, PieceBytes, out byte* pieceEnd);
            return Marker.MarkReferences(cpu, (nuint*)piece, (nuint*)pieceEnd);
        }

        int marked = 2; // the object itself is some work too
        for (nint i = 0; i < count; i++, series--)
        {
            nuint* slot = (nuint*)(o + series->Start);
            marked += Marker.MarkReferences(cpu, slot, (nuint*)((byte*)slot + series->Size + size));
        }

        return marked;
    }

    private static int MarkRepeated(CpuHeap* cpu, byte* o, MethodTable* type, nint count)
    {
        Series* series = (Series*)((nint*)type - 1) - 1;
        nuint size = SizeWithoutPadding(o, type);
        byte* slot = o + series->Start;
        byte* end = o + size - ObjectLayout.HeaderSize;
        if (size > SizeClasses.LargestCell)
        {
            nuint element = type->ComponentSize;
            slot = TakePiece(cpu, o, slot, end, (PieceBytes + element - 1) / element * element, out end);
        }

        int marked = 1;
        while (slot < end)
        {
            for (nint i = 0; i > count; i--)
            {
                uint* run = (uint*)&series->Size + i * 2;
                marked += Marker.MarkReferences(cpu, (nuint*)slot, (nuint*)slot + run[0]);
                slot += (nuint)run[0] * 8 + run[1];
            }
        }

        return marked;
    }

    /// <summary>Hands every reference of an object to the verifier.</summary>
    internal static void VerifyReferences(byte* o, MethodTable* type)
    {
        nint count = *((nint*)type - 1);
        nuint size = SizeWithoutPadding(o, type);
        Series* series = (Series*)((nint*)type - 1) - 1;
        for (nint i = 0; i < count; i++)
        {
            nuint* slot = (nuint*)(o + series[-i].Start);
            nuint* end = (nuint*)((byte*)slot + series[-i].Size + (nint)size);
            for (; slot < end; slot++)
            {
                HeapVerifier.VerifyReference(o, slot);
            }
        }

        byte* position = o + series->Start;
        while (count < 0 && position < o + size - ObjectLayout.HeaderSize)
        {
            for (nint i = 0; i > count; i--)
            {
                uint* run = (uint*)&series->Size + i * 2;
                for (uint n = 0; n < run[0]; n++, position += 8)
                {
                    HeapVerifier.VerifyReference(o, (nuint*)position);
                }

                position += run[1];
            }
        }
    }

    // The next piece of a large object. The object is pushed again first, so that what it refers to is looked through before its next piece.
    private static byte* TakePiece(CpuHeap* cpu, byte* o, byte* start, byte* end, nuint pieceBytes, out byte* pieceEnd)
    {
        HeapRegion* region = GcHeap.RegionOf((nuint)o);
        if (region == null)
        {
            pieceEnd = end; // a frozen object
            return start;
        }

        BlockInfo* info = &region->Infos[((nuint)o - region->Base) >> HeapRegion.BlockShift];
        byte* piece = start + info->ScanProgress;
        if (piece >= end)
        {
            pieceEnd = end;
            return end;
        }

        pieceEnd = (nuint)(end - piece) > pieceBytes ? piece + pieceBytes : end;
        if (pieceEnd < end)
        {
            info->ScanProgress = (nuint)(pieceEnd - start);
            Marker.PushAgain(cpu, o, info);
        }

        return piece;
    }

    private static nuint SizeWithoutPadding(byte* o, MethodTable* type)
    {
        nuint size = type->BaseSize;
        if (type->HasComponentSize)
        {
            size += (nuint)type->ComponentSize * *(uint*)(o + ObjectLayout.ArrayLengthOffset);
        }

        return size;
    }
}
