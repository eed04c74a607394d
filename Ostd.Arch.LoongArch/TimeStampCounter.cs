// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The stable counter, in step on all CPUs (LoongArch Reference Manual 1.10, volume 1, section 2.2.10.4).</summary>
public static class TimeStampCounter
{
    /// <summary>Cycles.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadTimeStamp")]
    public static extern ulong Read();

    /// <summary>Cycles in a second; 0 before the CPU was asked.</summary>
    public static ulong FrequencyHz { get; internal set; }
}
