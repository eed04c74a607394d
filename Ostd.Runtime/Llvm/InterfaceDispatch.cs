// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ostd.Runtime;

#pragma warning disable CS0649 // the compiler's output assigns the fields
/// <summary>The compiler's cell for the calls of one interface method.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: declares pointers and follows none. Interface leads to a method table of the image; Cache to entries that are never freed.
internal unsafe struct DispatchCell
{
    internal DispatchEntry* Cache;
    internal MethodTable* Interface;
    internal nint Slot;
}
#pragma warning restore CS0649

/// <summary>What one type has for a cell. Never changes once a cell leads to it, so that it is read without a lock.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: declares pointers and follows none.
internal unsafe struct DispatchEntry
{
    internal MethodTable* Type;
    internal nint Target;
    internal DispatchEntry* Next;
}

/// <summary>
/// Interface calls: the cell's list of types that were seen at it, else CoreLib's search through the type's dispatch map. A list has an entry for each type at most, but for two CPUs
/// that add the same one at a time; it grows at its head by one store.
/// </summary>
// SAFETY: cells are the image's data. Entries are native memory, filled in before a cell leads to them and never freed or changed after that.
internal static unsafe class InterfaceDispatch
{
    [RuntimeImport("*", "RhResolveDispatchOnType")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint ResolveOnType(MethodTable* type, MethodTable* implemented, ushort slot);

    [RuntimeExport("AsterionResolveInterface")]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nint Resolve(MethodTable** target, DispatchCell* cell)
    {
        MethodTable* type = *target;
        DispatchEntry* entry = cell->Cache;
        return entry != null && entry->Type == type ? entry->Target : ResolveFurther(type, cell);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint ResolveFurther(MethodTable* type, DispatchCell* cell)
    {
        for (DispatchEntry* entry = (DispatchEntry*)Volatile.Read(ref *(nint*)&cell->Cache); entry != null; entry = entry->Next)
        {
            if (entry->Type == type)
            {
                return entry->Target;
            }
        }

        nint target = ResolveOnType(type, cell->Interface, (ushort)cell->Slot);
        if (target == 0)
        {
            RuntimePanic.Fail("an interface call found no method");
        }

        // Where a policy runs, the heap may be locked: its calls are looked up each time.
        if (!RuntimeThread.IsInPolicy)
        {
            Remember(type, target, cell);
        }

        return target;
    }

    private static void Remember(MethodTable* type, nint target, DispatchCell* cell)
    {
        DispatchEntry* entry = (DispatchEntry*)NativeHeap.AllocateZeroed((nuint)sizeof(DispatchEntry));
        if (entry == null)
        {
            return;
        }

        entry->Type = type;
        entry->Target = target;
        nint head;
        do
        {
            head = Volatile.Read(ref *(nint*)&cell->Cache);
            entry->Next = (DispatchEntry*)head;
        }
        while (Interlocked.CompareExchange(ref *(nint*)&cell->Cache, (nint)entry, head) != head);
    }
}
