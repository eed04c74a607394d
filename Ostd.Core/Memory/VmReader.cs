// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Memory;

/// <summary>
/// A source of bytes: kernel memory, a frame, or user memory. Over user memory every copy can fault: it then stops short and
/// <see cref="HasFaulted"/> is set. A copy from or to user memory may sleep (demand paging): never in atomic mode.
/// </summary>
public ref struct VmReader
{
    /// <summary>Over kernel memory (infallible).</summary>
    public VmReader(ReadOnlySpan<byte> source) => throw new NotSupportedException();

    /// <summary>Over the current task's user memory. The range may lie anywhere: one that leaves user space faults at the first byte.</summary>
    public static VmReader FromUser(ulong address, int length) => throw new NotSupportedException();

    /// <summary>Bytes not yet read.</summary>
    public readonly int Remaining => throw new NotSupportedException();

    /// <summary>A read met an address that is not mapped for reading.</summary>
    public readonly bool HasFaulted => throw new NotSupportedException();

    /// <summary>Copies up to <c>destination.Length</c> bytes and moves on.</summary>
    /// <returns>Bytes copied: less than asked at the end or at a fault.</returns>
    public int Read(Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Copies one unmanaged value.</summary>
    /// <returns>False at a fault, or if fewer bytes remain.</returns>
    public bool TryRead<T>(out T value) where T : unmanaged => throw new NotSupportedException();

    /// <summary>Moves on without reading.</summary>
    public void Skip(int count) => throw new NotSupportedException();

    /// <summary>Shortens what remains to at most <paramref name="length"/> bytes.</summary>
    public void Limit(int length) => throw new NotSupportedException();

    /// <summary>Copies to a writer until either ends or faults.</summary>
    /// <returns>Bytes copied.</returns>
    public int CopyTo(ref VmWriter writer) => throw new NotSupportedException();
}

/// <summary>A destination of bytes: kernel memory, a frame, or user memory. See <see cref="VmReader"/>.</summary>
public ref struct VmWriter
{
    /// <summary>Over kernel memory (infallible).</summary>
    public VmWriter(Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Over the current task's user memory.</summary>
    public static VmWriter FromUser(ulong address, int length) => throw new NotSupportedException();

    /// <summary>Bytes that can still be written.</summary>
    public readonly int Remaining => throw new NotSupportedException();

    /// <summary>A write met an address that is not mapped for writing.</summary>
    public readonly bool HasFaulted => throw new NotSupportedException();

    /// <summary>Copies up to <c>source.Length</c> bytes and moves on.</summary>
    /// <returns>Bytes copied: less than asked at the end or at a fault.</returns>
    public int Write(ReadOnlySpan<byte> source) => throw new NotSupportedException();

    /// <summary>Copies one unmanaged value.</summary>
    public bool TryWrite<T>(in T value) where T : unmanaged => throw new NotSupportedException();

    /// <summary>Writes zeros.</summary>
    /// <returns>Bytes written.</returns>
    public int Fill(byte value, int count) => throw new NotSupportedException();

    /// <summary>Moves on without writing.</summary>
    public void Skip(int count) => throw new NotSupportedException();

    /// <summary>Shortens what remains to at most <paramref name="length"/> bytes.</summary>
    public void Limit(int length) => throw new NotSupportedException();
}

/// <summary>Single accesses to the current task's user memory, for what is too small for a reader. All may sleep.</summary>
public static class UserMemory
{
    /// <summary>Size of an unmanaged value as it lies in user memory, in bytes.</summary>
    public static int SizeOf<T>() where T : unmanaged => System.Runtime.CompilerServices.Unsafe.SizeOf<T>();

    /// <summary>Reads one value; false at a fault.</summary>
    public static bool TryRead<T>(ulong address, out T value) where T : unmanaged => throw new NotSupportedException();

    /// <summary>Writes one value; false at a fault.</summary>
    public static bool TryWrite<T>(ulong address, in T value) where T : unmanaged => throw new NotSupportedException();

    /// <summary>Copies a NUL-terminated string, without the NUL.</summary>
    /// <returns>Its length; -1 at a fault; <c>buffer.Length</c> when no NUL was met within the buffer.</returns>
    public static int ReadString(ulong address, Span<byte> buffer) => throw new NotSupportedException();

    /// <summary>Atomically compares and exchanges a 32-bit word (naturally aligned); false at a fault.</summary>
    public static bool TryCompareExchange(ulong address, uint expected, uint replacement, out uint observed) => throw new NotSupportedException();

    /// <summary>Atomically loads a 32-bit word (naturally aligned); false at a fault.</summary>
    public static bool TryLoad(ulong address, out uint value) => throw new NotSupportedException();
}
