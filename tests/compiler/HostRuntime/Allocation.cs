// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>The part of a method table that allocation reads.</summary>
#pragma warning disable CS0649 // the compiler's output assigns the fields
internal struct MethodTable
{
    internal uint Flags;
    internal uint BaseSize;

    internal readonly uint ComponentSize => (int)Flags < 0 ? Flags & 0xffff : 0;
}
#pragma warning restore CS0649

/// <summary>Objects, one behind the other; none is ever freed.</summary>
internal static unsafe class Allocation
{
    private const nuint ChunkSize = 1 << 20;
    private const int HeaderSize = 8;

    private static byte* s_next;
    private static byte* s_end;

    [RuntimeExport("RhpNewFast")]
    internal static byte* NewFast(MethodTable* type) => New(type, type->BaseSize);

    [RuntimeExport("RhpNewFinalizable")]
    internal static byte* NewFinalizable(MethodTable* type) => New(type, type->BaseSize);

    [RuntimeExport("RhpNewArray")]
    internal static byte* NewArray(MethodTable* type, int length)
    {
        if (length < 0)
        {
            throw new OverflowException();
        }

        byte* array = New(type, (type->BaseSize + ((nuint)length * type->ComponentSize) + 7) & ~(nuint)7);
        *(int*)(array + 8) = (int)length;
        return array;
    }

    [RuntimeExport("RhNewString")]
    internal static byte* NewString(MethodTable* type, nint length) => NewArray(type, length > int.MaxValue ? -1 : (int)length);

    // Memory from the system is zero.
    private static byte* New(MethodTable* type, nuint size)
    {
        if ((nuint)(s_end - s_next) < size)
        {
            nuint chunk = size > ChunkSize ? size : ChunkSize;
            s_next = Host.Map(chunk);
            s_end = s_next + chunk;
        }

        byte* memory = s_next;
        s_next += size;
        *(MethodTable**)(memory + HeaderSize) = type;
        return memory + HeaderSize;
    }
}

/// <summary>Stores of references. There is no collector to tell; the order of stores is the processor's.</summary>
internal static unsafe class WriteBarrier
{
    internal static void Shade(nuint value)
    {
        // Nothing is ever collected.
    }

    [RuntimeExport("RhpAssignRef")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Assign(nint* target, nint value) => System.Threading.Volatile.Write(ref *target, value);

    [RuntimeExport("RhpCheckedAssignRef")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void CheckedAssign(nint* target, nint value) => System.Threading.Volatile.Write(ref *target, value);

    [RuntimeExport("RhpCheckedLockCmpXchg")]
    internal static nint CompareExchange(nint* target, nint value, nint comparand) => System.Threading.Interlocked.CompareExchange(ref *target, value, comparand);

    [RuntimeExport("RhpCheckedXchg")]
    internal static nint Exchange(nint* target, nint value) => System.Threading.Interlocked.Exchange(ref *target, value);

    [RuntimeExport("RhBulkMoveWithWriteBarrier")]
    internal static void BulkMove(byte* target, byte* source, nuint size) => Buffer.MemoryCopy(source, target, size, size);

    [RuntimeExport("RhpGcSafeZeroMemory")]
    internal static byte* Zero(byte* target, nuint size)
    {
        Unsafe.InitBlockUnaligned(target, 0, (uint)size);
        return target;
    }
}
