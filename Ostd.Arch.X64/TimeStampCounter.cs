// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The CPU's monotonic cycle counter.</summary>
public static class TimeStampCounter
{
    /// <summary>Cycles.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadTimeStamp")]
    public static extern ulong Read();

    /// <summary>Cycles in a second, as the interval timer measured or the hypervisor told; 0 before.</summary>
    public static ulong FrequencyHz { get; internal set; }
}
