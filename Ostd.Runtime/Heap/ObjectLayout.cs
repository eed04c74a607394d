// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>The head of a NativeAOT method table (CoreLib's Internal.Runtime.MethodTable), as far as the heap needs it.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: declares a pointer and follows none. Mirrors the head of what ilc and CoreLib's type loader make, which is complete before an
// object of the type exists.
internal unsafe struct MethodTable
{
    internal uint Flags;
    internal uint BaseSize;
    internal MethodTable* RelatedType;
    internal ushort VtableSlotCount;
    internal ushort InterfaceCount;
    internal uint HashCode;

    private const uint HasPointersFlag = 0x0100_0000;
    private const uint HasComponentSizeFlag = 0x8000_0000;

    [NoAlloc]
    internal readonly bool HasComponentSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Flags & HasComponentSizeFlag) != 0;
    }

    [NoAlloc]
    internal readonly uint ComponentSize
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Flags & 0xffff;
    }

    [NoAlloc]
    internal readonly bool ContainsPointers
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Flags & HasPointersFlag) != 0;
    }
}

/// <summary>
/// An object as the heap sees it. The pointer addresses the method table word; the header word (hash code, thin lock) lies before it, so a
/// cell begins 8 bytes below its object.
/// </summary>
// SAFETY: the caller vouches that o is an object, so its first word is its method table. The length is read only when the type has a
// component size; such an object is an array or a string and has one at this offset.
internal static unsafe class ObjectLayout
{
    internal const int HeaderSize = 8;
    internal const int ArrayLengthOffset = 8;

    /// <summary>Size of the object's cell, header included, a multiple of 8.</summary>
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static nuint SizeOf(byte* o, MethodTable* type)
    {
        nuint size = type->BaseSize;
        if (type->HasComponentSize)
        {
            size += (nuint)type->ComponentSize * *(uint*)(o + ArrayLengthOffset);
        }

        return (size + 7) & ~(nuint)7;
    }

    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static MethodTable* TypeOf(byte* o) => *(MethodTable**)o;
}
