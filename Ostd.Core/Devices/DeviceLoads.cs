// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using System.Threading;

namespace Ostd.Devices;

/// <summary>
/// Loads of device registers. Not inlined: the compiler makes a narrower load of one whose result is cast to a narrower type, volatile or not, and many registers answer at their own width alone.
/// </summary>
// SAFETY: the callers' addresses are those of mapped registers, or of registers that were given back, which fault.
internal static unsafe class DeviceLoads
{
    /// <summary>Loads 16 bits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    public static ushort Load(ushort* register) => Volatile.Read(ref *register);

    /// <summary>Loads 32 bits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    public static uint Load(uint* register) => Volatile.Read(ref *register);

    /// <summary>Loads 64 bits.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    [InterruptSafe]
    public static ulong Load(ulong* register) => Volatile.Read(ref *register);
}
