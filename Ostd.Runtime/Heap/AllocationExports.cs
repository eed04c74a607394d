// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>Allocation as compiled code and CoreLib ask for it.</summary>
// SAFETY: method tables come from compiled code or CoreLib's type loader and are never freed. GcHeap.Allocate gives a zeroed cell of the
// size computed here, with type and length stored. Until the caller has stored it, the pointer is in a register or on the stack, where a
// collection finds it, and nothing moves. The result is a local of CoreLib's.
internal static unsafe class AllocationExports
{
    // CoreLib: throws OverflowException or OutOfMemoryException.
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "RhExceptionHandling_FailedAllocation")]
    private static extern void FailedAllocation(MethodTable* type, [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.U1)] bool isOverflow);

    /// <summary>Throws <see cref="System.OutOfMemoryException"/>, and opens the reserve to the task.</summary>
    internal static void ThrowOutOfMemory()
    {
        HeapLimit.OnFailedAllocation();
        FailedAllocation(null, false);
    }

    // The stubs come here when their cache has no cell.
    [RuntimeExport("RuntimeNewObjectSlow")]
    private static byte* NewObject(MethodTable* type)
    {
        byte* o = GcHeap.Allocate(type, ((nuint)type->BaseSize + 7) & ~(nuint)7, -1);
        if (o == null)
        {
            HeapLimit.OnFailedAllocation();
            FailedAllocation(type, false);
        }

        return o;
    }

    // There are no finalizers in the kernel (an analyzer refuses them): such an object is an ordinary one.
    [RuntimeExport("RhpNewFinalizable")]
    private static byte* NewFinalizable(MethodTable* type) => NewObject(type);

    [RuntimeExport("RuntimeNewArraySlow")]
    private static byte* NewArray(MethodTable* type, int length)
    {
        if (length < 0)
        {
            FailedAllocation(type, true);
        }

        byte* o = TryNewArray(type, (uint)length);
        if (o == null)
        {
            HeapLimit.OnFailedAllocation();
            FailedAllocation(type, false);
        }

        return o;
    }

    [RuntimeExport("RhAllocateNewArray")]
    private static void AllocateNewArray(MethodTable* type, uint length, uint flags, byte** result) =>
        *result = length > int.MaxValue ? null : TryNewArray(type, length);

    [RuntimeExport("RhAllocateNewObject")]
    private static void AllocateNewObject(MethodTable* type, uint flags, byte** result) =>
        *result = GcHeap.Allocate(type, ((nuint)type->BaseSize + 7) & ~(nuint)7, -1);

    private static byte* TryNewArray(MethodTable* type, uint length)
    {
        // At most 2^31 elements of 2^16 bytes: no overflow in 64 bits.
        nuint size = (type->BaseSize + (nuint)type->ComponentSize * length + 7) & ~(nuint)7;
        return GcHeap.Allocate(type, size, (int)length);
    }
}
