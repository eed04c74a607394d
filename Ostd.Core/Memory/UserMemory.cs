// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.InteropServices;

namespace Ostd.Memory;

/// <summary>Single accesses to the current task's user memory, for what is too small for a reader. All may sleep.</summary>
public static class UserMemory
{
    /// <summary>Size of an unmanaged value as it lies in user memory, in bytes.</summary>
    public static int SizeOf<T>() where T : unmanaged => System.Runtime.CompilerServices.Unsafe.SizeOf<T>();

    /// <summary>Reads one value; false at a fault.</summary>
    public static bool TryRead<T>(ulong address, out T value) where T : unmanaged
    {
        value = default;
        Span<byte> bytes = MemoryMarshal.AsBytes(new Span<T>(ref value));
        return UserAccess.CopyIn(address, bytes) == bytes.Length;
    }

    /// <summary>Writes one value; false at a fault.</summary>
    public static bool TryWrite<T>(ulong address, in T value) where T : unmanaged
    {
        ReadOnlySpan<byte> bytes = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in value));
        return UserAccess.CopyOut(address, bytes) == bytes.Length;
    }

    /// <summary>Copies a NUL-terminated string, without the NUL.</summary>
    /// <returns>Its length; -1 at a fault; <c>buffer.Length</c> when no NUL was met within the buffer.</returns>
    public static int ReadString(ulong address, Span<byte> buffer) => UserAccess.CopyString(address, buffer);

    /// <summary>Atomically compares and exchanges a 32-bit word (naturally aligned); false at a fault.</summary>
    public static bool TryCompareExchange(ulong address, uint expected, uint replacement, out uint observed) =>
        UserAccess.TryCompareExchange(address, expected, replacement, out observed);

    /// <summary>Atomically loads a 32-bit word (naturally aligned); false at a fault.</summary>
    public static bool TryLoad(ulong address, out uint value) => UserAccess.TryLoad(address, out value);

    /// <summary>Like <see cref="TryLoad"/>, but never sleeps and resolves no fault: for use under a spinning lock. False means: unlock, make the page accessible by a sleeping access, and try again.</summary>
    public static bool TryLoadAtomically(ulong address, out uint value) => UserAccess.TryLoadAtomically(address, out value);

    /// <summary>Like <see cref="TryCompareExchange"/>, in the manner of <see cref="TryLoadAtomically"/>.</summary>
    public static bool TryCompareExchangeAtomically(ulong address, uint expected, uint replacement, out uint observed) =>
        UserAccess.TryCompareExchangeAtomically(address, expected, replacement, out observed);
}
