// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Memory;

/// <summary>
/// A reference-counted handle to one untyped page of physical memory. The handle is a page number and a generation, checked against
/// the frame's metadata at each use: a stale or doubly released handle throws <see cref="InvalidOperationException"/> and never
/// touches somebody else's page. <c>default</c> is the null handle.
/// </summary>
public readonly struct Frame : IEquatable<Frame>
{
    /// <summary>True for <c>default</c>: no frame.</summary>
    public bool IsNull => throw new NotSupportedException();

    /// <summary>Physical page number.</summary>
    public ulong PageNumber => throw new NotSupportedException();

    /// <summary>How many references to the frame are held, page-table mappings included.</summary>
    public int ReferenceCount => throw new NotSupportedException();

    /// <summary>Allocates one frame filled with zeros, with a reference count of one.</summary>
    /// <returns>False when physical memory is exhausted.</returns>
    public static bool TryAllocate(out Frame frame) => throw new NotSupportedException();

    /// <summary>Allocates one frame whose contents are unspecified (for a caller that overwrites all of it).</summary>
    public static bool TryAllocateUninitialized(out Frame frame) => throw new NotSupportedException();

    /// <summary>Takes one more reference and returns the same handle.</summary>
    public Frame Share() => throw new NotSupportedException();

    /// <summary>Gives one reference back; the last one frees the frame.</summary>
    public void Release() => throw new NotSupportedException();

    /// <summary>Copies bytes out of the frame.</summary>
    public void Read(int offset, Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Copies bytes into the frame.</summary>
    public void Write(int offset, ReadOnlySpan<byte> source) => throw new NotSupportedException();

    /// <summary>Fills a part of the frame.</summary>
    public void Fill(int offset, int length, byte value) => throw new NotSupportedException();

    /// <summary>Copies the whole of another frame into this one.</summary>
    public void CopyFrom(Frame source) => throw new NotSupportedException();

    /// <summary>A reader over a part of the frame (infallible).</summary>
    public VmReader Reader(int offset, int length) => throw new NotSupportedException();

    /// <summary>A writer over a part of the frame (infallible).</summary>
    public VmWriter Writer(int offset, int length) => throw new NotSupportedException();

    public bool Equals(Frame other) => throw new NotSupportedException();

    public override bool Equals(object? obj) => obj is Frame other && Equals(other);

    public override int GetHashCode() => throw new NotSupportedException();
}

/// <summary>Counts of physical memory.</summary>
public static class PhysicalMemory
{
    /// <summary>Pages that the allocator manages, kernel image excluded.</summary>
    public static long TotalPages => throw new NotSupportedException();

    /// <summary>Pages free now.</summary>
    public static long FreePages => throw new NotSupportedException();
}
