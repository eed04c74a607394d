// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>Makes throw records. It cannot throw itself: where there is no memory even in the reserve, the kernel ends.</summary>
internal static unsafe class ThrowRecords
{
    // Data of the image; its first word tells the type.
    private static readonly ThrowRecord s_pattern = new();

    internal static ThrowRecord New()
    {
        // SAFETY: an object's first word is its method table; a record has the size of its pattern's type, and GcHeap gives a zeroed object of that type.
        MethodTable* type = *(MethodTable**)Unsafe.As<ThrowRecord, nint>(ref Unsafe.AsRef(in s_pattern));
        nuint size = ((nuint)type->BaseSize + 7) & ~(nuint)7;
        byte* record = GcHeap.Allocate(type, size, -1);
        if (record == null)
        {
            HeapLimit.OnFailedAllocation();
            record = GcHeap.Allocate(type, size, -1);
        }

        if (record == null)
        {
            RuntimePanic.Fail("no memory is left to throw with");
        }

        nint reference = (nint)record;
        return Unsafe.As<nint, ThrowRecord>(ref reference);
    }
}
