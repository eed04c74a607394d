// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Threading;

namespace Ostd.Devices;

/// <summary>
/// One register of an <see cref="IoMem"/>: the place was checked when it was made (<see cref="IoMem.Register{T}"/>), so an access checks nothing. It happens exactly once, in program order and uncached.
/// When the range is given back, the register's address is taken away with it: an access then is an <see cref="ObjectDisposedException"/>, in an interrupt handler a panic, and never reaches what the next owner has.
/// </summary>
/// <typeparam name="T">Its width: <see cref="byte"/>, <see cref="ushort"/>, <see cref="uint"/> or <see cref="ulong"/>.</typeparam>
// An object and no struct of one word: any eight bytes can be read as such a struct (VmReader.TryRead), and it would be a pointer.
// SAFETY: _address lies in the mapping of an IoMem, aligned and at least as long as T; IoMem.Dispose takes the mapping away before it gives up the range, and its addresses are never used again (DeviceSpace).
public sealed unsafe class IoRegister<T> where T : unmanaged
{
    private readonly byte* _address;

    internal IoRegister(byte* address) => _address = address;

    /// <summary>Reads it.</summary>
    [InterruptSafe]
    [MayFault]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Read() => sizeof(T) switch
    {
        1 => Unsafe.BitCast<byte, T>(Volatile.Read(ref *_address)),
        2 => Unsafe.BitCast<ushort, T>(DeviceLoads.Load((ushort*)_address)),
        4 => Unsafe.BitCast<uint, T>(DeviceLoads.Load((uint*)_address)),
        _ => Unsafe.BitCast<ulong, T>(DeviceLoads.Load((ulong*)_address)),
    };

    /// <summary>Writes it.</summary>
    [InterruptSafe]
    [MayFault]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(T value)
    {
        switch (sizeof(T))
        {
            case 1:
                Volatile.Write(ref *_address, Unsafe.BitCast<T, byte>(value));
                break;
            case 2:
                Volatile.Write(ref *(ushort*)_address, Unsafe.BitCast<T, ushort>(value));
                break;
            case 4:
                Volatile.Write(ref *(uint*)_address, Unsafe.BitCast<T, uint>(value));
                break;
            default:
                Volatile.Write(ref *(ulong*)_address, Unsafe.BitCast<T, ulong>(value));
                break;
        }
    }
}
