// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The monotonic counter <c>time</c>, in step on all harts.</summary>
public static class TimeStampCounter
{
    /// <summary>Cycles.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadTimeStamp")]
    public static extern ulong Read();

    /// <summary>Cycles in a second; 0 before the device tree was read.</summary>
    public static ulong FrequencyHz { get; internal set; }
}
