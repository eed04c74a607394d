// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;

namespace Ostd.Devices;

/// <summary>
/// A range of device registers in physical memory, exclusively owned. Never memory, never registers that OSTD uses itself or that could break memory safety, never what another owner has. It is accessed
/// through its registers alone (<see cref="Register{T}"/>), which are checked against the range once, so that no access pays for a check.
/// </summary>
// SAFETY: _registers covers _length bytes of registers that nobody else has mapped there (DeviceSpace). Only Register gives a part of it away, when offset, size and alignment are checked.
public sealed unsafe class IoMem : IDisposable
{
    private static readonly ClaimedRanges s_taken = new();

    private readonly ClaimedRange _range;
    private readonly ulong _start;
    private readonly int _length;
    private byte* _registers;
    private int _isDisposed;

    private IoMem(ulong start, int length)
    {
        _range = new ClaimedRange(start, (ulong)length);
        _start = start;
        _length = length;
    }

    /// <summary>Bytes in the range.</summary>
    public int Length => _length;

    /// <summary>Takes a range.</summary>
    /// <param name="physicalAddress">Where it begins.</param>
    /// <param name="length">Its length in bytes.</param>
    /// <param name="memory">The range.</param>
    /// <returns>False when it is or touches memory, is sensitive, is taken, or cannot be mapped.</returns>
    public static bool TryAcquire(ulong physicalAddress, int length, [NotNullWhen(true)] out IoMem? memory)
    {
        memory = null;
        if (length <= 0 || !DeviceSpace.IsOutsideMemory(physicalAddress, (ulong)length) || DeviceMemory.IsSensitive(physicalAddress, (ulong)length))
        {
            return false;
        }

        var candidate = new IoMem(physicalAddress, length);
        if (!s_taken.TryClaim(candidate._range))
        {
            return false;
        }

        candidate._registers = DeviceSpace.Take(physicalAddress, (ulong)length);
        if (candidate._registers is null)
        {
            candidate.Dispose();
            return false;
        }

        memory = candidate;
        return true;
    }

    /// <summary>A register in the range. What is accessed often, or where nothing may be allocated, keeps its register.</summary>
    /// <typeparam name="T">Its width: <see cref="byte"/>, <see cref="ushort"/>, <see cref="uint"/> or <see cref="ulong"/>.</typeparam>
    /// <param name="offset">Where it begins in the range.</param>
    /// <exception cref="ArgumentOutOfRangeException">It leaves the range, or is not aligned to its size.</exception>
    /// <exception cref="NotSupportedException">No register is a <typeparamref name="T"/>.</exception>
    /// <exception cref="ObjectDisposedException">The range was given back.</exception>
    public IoRegister<T> Register<T>(int offset) where T : unmanaged
    {
        if (typeof(T) != typeof(byte) && typeof(T) != typeof(ushort) && typeof(T) != typeof(uint) && typeof(T) != typeof(ulong))
        {
            throw new NotSupportedException("Registers are byte, ushort, uint or ulong.");
        }

        // Who loses a race against Dispose gets a register that faults.
        Disposed.ThrowIf(Volatile.Read(ref _isDisposed) != 0, nameof(IoMem));
        if (offset < 0 || offset > _length - sizeof(T) || ((_start + (uint)offset) & (uint)(sizeof(T) - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), "The register leaves the range, or is not aligned to its size.");
        }

        return new IoRegister<T>(_registers + offset);
    }

    /// <summary>Gives the range back; the object and its registers can do nothing any more. A second time has no effect.</summary>
    /// <remarks>
    /// All CPUs forget the range's mapping, whose addresses are not used again: there are 512 GiB of them, which is 134 million pages of 4 KiB to give back, and a frame of page tables is kept for each 512 pages. When they are used up,
    /// nothing can be taken any more. So give back what a device no longer needs, and not what the next access takes again.
    /// </remarks>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        if (_registers is not null)
        {
            DeviceSpace.GiveBack(_registers, (ulong)_length);
        }

        s_taken.Release(_range);
    }
}
