// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;

namespace Ostd.Devices;

/// <summary>
/// A range of device registers in physical memory, exclusively owned. Never memory, never registers that OSTD uses itself or that could break memory safety, never what another owner has. Every access is
/// checked against the range, aligned to its size, and happens exactly once, in program order and uncached.
/// </summary>
// SAFETY: _registers covers _length bytes of registers that nobody else has mapped there (DeviceSpace); every access goes through At, which checks offset, size and alignment, or through a register that was checked when it was made.
public sealed unsafe class IoMem : IDisposable
{
    private const int LargestAccess = 8;
    private const int WasDisposed = 1;
    private const int HasRegisters = 2;

    private static readonly ClaimedRanges s_taken = new();

    private readonly ClaimedRange _range;
    private readonly ulong _start;
    private readonly int _length;
    private byte* _registers;

    // WasDisposed, HasRegisters. Who comes second sees the other's bit.
    private int _state;

    // What the quick check lets pass: the length, or 0 when the range begins at an odd address or was given back.
    private long _quickLength;

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

        candidate._quickLength = (physicalAddress & (LargestAccess - 1)) == 0 ? length : 0;
        memory = candidate;
        return true;
    }

    /// <summary>Reads a register of 8 bits.</summary>
    [InterruptSafe]
    public byte ReadByte(int offset) => Volatile.Read(ref *At(offset, 1));

    /// <summary>Reads a register of 16 bits.</summary>
    [InterruptSafe]
    public ushort ReadUInt16(int offset) => DeviceLoads.Load((ushort*)At(offset, 2));

    /// <summary>Reads a register of 32 bits.</summary>
    [InterruptSafe]
    public uint ReadUInt32(int offset) => DeviceLoads.Load((uint*)At(offset, 4));

    /// <summary>Reads a register of 64 bits.</summary>
    [InterruptSafe]
    public ulong ReadUInt64(int offset) => DeviceLoads.Load((ulong*)At(offset, 8));

    /// <summary>Writes a register of 8 bits.</summary>
    [InterruptSafe]
    public void WriteByte(int offset, byte value) => Volatile.Write(ref *At(offset, 1), value);

    /// <summary>Writes a register of 16 bits.</summary>
    [InterruptSafe]
    public void WriteUInt16(int offset, ushort value) => Volatile.Write(ref *(ushort*)At(offset, 2), value);

    /// <summary>Writes a register of 32 bits.</summary>
    [InterruptSafe]
    public void WriteUInt32(int offset, uint value) => Volatile.Write(ref *(uint*)At(offset, 4), value);

    /// <summary>Writes a register of 64 bits.</summary>
    public void WriteUInt64(int offset, ulong value) => Volatile.Write(ref *(ulong*)At(offset, 8), value);

    /// <summary>A register in the range, for accesses that need no further check.</summary>
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

        Check(offset, sizeof(T));
        var register = new IoRegister<T>(_registers + offset);
        Disposed.ThrowIf((Interlocked.Or(ref _state, HasRegisters) & WasDisposed) != 0, nameof(IoMem));
        return register;
    }

    /// <summary>Gives the range back; the object and its registers can do nothing any more.</summary>
    public void Dispose()
    {
        int before = Interlocked.Or(ref _state, WasDisposed);
        if ((before & WasDisposed) != 0)
        {
            return;
        }

        _quickLength = 0;
        if (_registers is not null)
        {
            DeviceSpace.GiveBack(_registers, (ulong)_length, isUsedAgain: (before & HasRegisters) == 0);
        }

        s_taken.Release(_range);
    }

    // With an offset that is a constant, one comparison is left of the check.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [InterruptSafe]
    private byte* At(int offset, int size)
    {
        if (SafetyChecks.AreOn && ((offset & (size - 1)) != 0 || (long)(uint)offset + size > _quickLength))
        {
            Check(offset, size);
        }

        return _registers + offset;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    private void Check(int offset, int size)
    {
        Disposed.ThrowIf((Volatile.Read(ref _state) & WasDisposed) != 0, nameof(IoMem));
        if (offset < 0 || offset > _length - size || ((_start + (uint)offset) & (uint)(size - 1)) != 0)
        {
            ThrowRange();
        }
    }

    [DoesNotReturn]
    private static void ThrowRange() => throw new ArgumentOutOfRangeException("offset", "The access leaves the range, or is not aligned to its size.");
}
