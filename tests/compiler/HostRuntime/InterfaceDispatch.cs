// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>The compiler's cell for the calls of one interface method.</summary>
#pragma warning disable CS0649 // the compiler's output assigns the fields
internal unsafe struct DispatchCell
{
    internal CacheEntry* Cache;
    internal MethodTable* Interface;
    internal nint Slot;
}
#pragma warning restore CS0649

/// <summary>What one type has for a cell. Never changes once a cell leads to it, so that it is read without a lock.</summary>
internal unsafe struct CacheEntry
{
    internal MethodTable* Type;
    internal nint Target;
}

/// <summary>Interface calls: the last type in the cell, else CoreLib's search through the type's dispatch map.</summary>
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
        CacheEntry* entry = cell->Cache;
        return entry != null && entry->Type == type ? entry->Target : ResolveSlowly(type, cell);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static nint ResolveSlowly(MethodTable* type, DispatchCell* cell)
    {
        nint target = ResolveOnType(type, cell->Interface, (ushort)cell->Slot);
        if (target == 0)
        {
            RuntimePanic.Fail("an interface call found no method");
        }

        CacheEntry* entry = (CacheEntry*)NativeMemory.Allocate((nuint)sizeof(CacheEntry));
        entry->Type = type;
        entry->Target = target;
        System.Threading.Volatile.Write(ref *(nint*)&cell->Cache, (nint)entry);
        return target;
    }
}

/// <summary>Memory of the runtime itself.</summary>
internal static unsafe class NativeMemory
{
    private const nuint ChunkSize = 1 << 16;

    private static byte* s_next;
    private static nuint s_left;

    internal static byte* Allocate(nuint size)
    {
        size = (size + 15) & ~(nuint)15;
        if (s_left < size)
        {
            s_left = size > ChunkSize ? size : ChunkSize;
            s_next = Host.Map(s_left);
        }

        byte* memory = s_next;
        s_next += size;
        s_left -= size;
        return memory;
    }
}

/// <summary>The thread-static fields of the one thread.</summary>
internal static unsafe class ThreadStatics
{
    private static byte* s_block;

    [RuntimeImport("*", "HostThreadStaticsSize")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nuint Size();

    [RuntimeExport("AsterionThreadStatics")]
    internal static byte* Block()
    {
        if (s_block == null)
        {
            s_block = NativeMemory.Allocate(Size() + 16);
        }

        return s_block;
    }
}
