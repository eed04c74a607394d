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
// SAFETY: called inside of collections, for objects whose type has ContainsPointers: only then does ilc put a GCDesc below the method
// table. Its series name aligned words inside of the object, whose array length is stored before the allocation leaves the lock and
// never changes.
internal static unsafe class GcDescriptor
{
    [StructLayout(LayoutKind.Sequential)]
    private struct Series
    {
        internal nint Size;
        internal nint Start;
    }

    /// <summary>Marks everything that an object refers to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void MarkReferences(byte* o, MethodTable* type)
    {
        nint count = *((nint*)type - 1);
        if (count > 0)
        {
            MarkSeries(o, type, count);
        }
        else if (count < 0)
        {
            MarkRepeated(o, type, count);
        }
    }

    private static void MarkSeries(byte* o, MethodTable* type, nint count)
    {
        nint size = (nint)SizeWithoutPadding(o, type);
        Series* series = (Series*)((nint*)type - 1) - 1;
        for (nint i = 0; i < count; i++, series--)
        {
            nuint* slot = (nuint*)(o + series->Start);
            nuint* end = (nuint*)((byte*)slot + series->Size + size);
            for (; slot < end; slot++)
            {
                Marker.MarkReference(*slot);
            }
        }
    }

    private static void MarkRepeated(byte* o, MethodTable* type, nint count)
    {
        Series* series = (Series*)((nint*)type - 1) - 1;
        byte* slot = o + series->Start;
        byte* end = o + SizeWithoutPadding(o, type) - ObjectLayout.HeaderSize;
        while (slot < end)
        {
            for (nint i = 0; i > count; i--)
            {
                uint* run = (uint*)&series->Size + i * 2;
                byte* runEnd = slot + (nuint)run[0] * 8;
                for (; slot < runEnd; slot += 8)
                {
                    Marker.MarkReference(*(nuint*)slot);
                }

                slot += run[1];
            }
        }
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
