// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Ostd.Devices.Remapping;
using Ostd.Diagnostics;
using Ostd.Memory;

namespace Ostd.Devices;

/// <summary>
/// Memory that the kernel and a device use at the same time: physically contiguous, filled with zeros, and untyped, so that no value which a device leaves there can become a reference or a length that
/// OSTD relies on.
/// </summary>
/// <remarks>
/// Once DMA memory, the frames stay that: what is given back serves later allocations of the same size and nothing else, since a task may be in the middle of an access to it, which no check could call back.
/// Without an IOMMU it is not even that, because nothing could prove that a device has stopped writing to it.
/// </remarks>
// SAFETY: the frames are typed as DMA memory, are mapped by the linear map, and never become anything else; every access goes through At, which checks offset, size and alignment.
public sealed unsafe class DmaCoherent : IDisposable
{
    private readonly byte* _memory;
    private readonly int _length;
    private int _isDisposed;

    private DmaCoherent(byte* memory, ulong deviceAddress, int length)
    {
        _memory = memory;
        _length = length;
        DeviceAddress = deviceAddress;
    }

    /// <summary>The address by which a device reaches the first byte: a multiple of the page size.</summary>
    public ulong DeviceAddress { get; }

    /// <summary>Bytes; a multiple of the page size.</summary>
    [InterruptSafe]
    public int Length => _length;

    /// <summary>Takes memory.</summary>
    /// <param name="length">Bytes; rounded up to whole pages.</param>
    /// <param name="memory">The memory.</param>
    /// <returns>False when no such run of frames is free.</returns>
    public static bool TryAllocate(int length, [NotNullWhen(true)] out DmaCoherent? memory)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, 1 << 28);
        uint pageCount = ((uint)length + (uint)Paging.PageSizeBytes - 1) / (uint)Paging.PageSizeBytes;
        uint first = DmaPool.Take(pageCount);
        first = first != 0 ? first : FrameAllocator.AllocateRun(pageCount, FrameState.Dma);
        memory = null;
        if (first == 0)
        {
            return false;
        }

        byte* start = FrameTable.AddressOf(first);
        int rounded = (int)pageCount * Paging.PageSizeBytes;
        new Span<byte>(start, rounded).Clear();
        Iommu.Map(first, pageCount);
        memory = new DmaCoherent(start, (ulong)first * (uint)Paging.PageSizeBytes, rounded);
        return true;
    }

    /// <summary>Reads 8 bits, once; later accesses are not done before it.</summary>
    [InterruptSafe]
    public byte ReadByte(int offset) => Volatile.Read(ref *At(offset, 1));

    /// <summary>Reads 16 bits, once; later accesses are not done before it.</summary>
    [InterruptSafe]
    public ushort ReadUInt16(int offset) => Volatile.Read(ref *(ushort*)At(offset, 2));

    /// <summary>Reads 32 bits, once; later accesses are not done before it.</summary>
    [InterruptSafe]
    public uint ReadUInt32(int offset) => Volatile.Read(ref *(uint*)At(offset, 4));

    /// <summary>Reads 64 bits, once; later accesses are not done before it.</summary>
    public ulong ReadUInt64(int offset) => Volatile.Read(ref *(ulong*)At(offset, 8));

    /// <summary>Writes 8 bits, once; earlier accesses are done before it.</summary>
    public void WriteByte(int offset, byte value) => Volatile.Write(ref *At(offset, 1), value);

    /// <summary>Writes 16 bits, once; earlier accesses are done before it.</summary>
    [InterruptSafe]
    public void WriteUInt16(int offset, ushort value) => Volatile.Write(ref *(ushort*)At(offset, 2), value);

    /// <summary>Writes 32 bits, once; earlier accesses are done before it.</summary>
    [InterruptSafe]
    public void WriteUInt32(int offset, uint value) => Volatile.Write(ref *(uint*)At(offset, 4), value);

    /// <summary>Writes 64 bits, once; earlier accesses are done before it.</summary>
    [InterruptSafe]
    public void WriteUInt64(int offset, ulong value) => Volatile.Write(ref *(ulong*)At(offset, 8), value);

    /// <summary>A reader over a part of it (infallible). What it reads may change meanwhile.</summary>
    public VmReader Reader(int offset, int length) => VmReader.FromKernel(Range(offset, length), length);

    /// <summary>Copies bytes into it. Callable anywhere.</summary>
    /// <param name="offset">Where the first one goes, in bytes.</param>
    /// <param name="source">The bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">They do not fit.</exception>
    [InterruptSafe]
    public void Write(int offset, ReadOnlySpan<byte> source) => source.CopyTo(new Span<byte>(Range(offset, source.Length), source.Length));

    /// <summary>A writer over a part of it (infallible).</summary>
    public VmWriter Writer(int offset, int length) => new(new Span<byte>(Range(offset, length), length));

    /// <summary>Takes the memory from devices and gives it back. What still has a reader or writer of it may see what the next owner does.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            uint first = FrameTable.PageNumberOf(_memory);
            uint pageCount = (uint)(_length / Paging.PageSizeBytes);
            if (Iommu.TryUnmap(first, pageCount))
            {
                DmaPool.Give(first, pageCount);
            }
        }
    }

    [InterruptSafe]
    private byte* At(int offset, int size)
    {
        ThrowIfDisposed();
        if (offset < 0 || offset > _length - size || (offset & (size - 1)) != 0)
        {
            ThrowRange();
        }

        return _memory + offset;
    }

    [InterruptSafe]
    private byte* Range(int offset, int length)
    {
        ThrowIfDisposed();
        if (offset < 0 || length < 0 || offset > _length - length)
        {
            ThrowRange();
        }

        return _memory + offset;
    }

    [InterruptSafe]
    private void ThrowIfDisposed() => Disposed.ThrowIf(_isDisposed != 0, nameof(DmaCoherent));

    [DoesNotReturn]
    private static void ThrowRange() => throw new ArgumentOutOfRangeException("offset", "The access leaves the memory, or is not aligned to its size.");
}
