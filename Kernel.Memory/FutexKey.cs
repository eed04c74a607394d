// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;

namespace Kernel.Memory;

/// <summary>What two futex calls must have in common to meet: an address space and an address in it, or a memory object and a place in it.</summary>
/// <param name="Owner">The address space, or the memory object of a shared mapping.</param>
/// <param name="Offset">Address, or byte offset within the object.</param>
internal readonly record struct FutexKey(object Owner, ulong Offset)
{
    /// <summary>The owners are one object, whatever they think of equality.</summary>
    public bool Matches(in FutexKey other) => ReferenceEquals(Owner, other.Owner) && Offset == other.Offset;

    /// <summary>A hash that spreads neighbouring words.</summary>
    public int Hash() => HashCode.Combine(RuntimeHelpers.GetHashCode(Owner), Offset >> 2);
}
