// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch.Firmware;

/// <summary>Calls to the firmware in machine mode (RISC-V Supervisor Binary Interface 1.0).</summary>
internal static class Sbi
{
    private const nint TimeExtension = 0x5449_4d45;
    private const nint InterProcessorExtension = 0x73_5049;
    private const nint HartStateExtension = 0x48_534d;
    private const nint ResetExtension = 0x5352_5354;

    /// <summary>Raises the timer's interrupt of this hart when the time has come (chapter 6).</summary>
    [InterruptSafe]
    public static void SetTimer(ulong time) => Call((nint)time, 0, 0, 0, TimeExtension);

    /// <summary>Raises the software interrupt of a hart (chapter 7).</summary>
    [InterruptSafe]
    public static void SendInterrupt(uint hart) => Call(1, (nint)hart, 0, 0, InterProcessorExtension);

    /// <summary>Starts a hart (chapter 9).</summary>
    /// <param name="hart">Its number.</param>
    /// <param name="entry">Physical address where it begins, in S-mode without paging.</param>
    /// <returns>False when the firmware refuses.</returns>
    public static bool TryStartHart(uint hart, nint entry) => Call((nint)hart, entry, 0, 0, HartStateExtension) == 0;

    /// <summary>Powers the machine off, or resets it (chapter 10). Comes back only if the firmware cannot.</summary>
    public static void Reset(bool isPowerOff) => Call(isPowerOff ? 0 : 1, 0, 0, 0, ResetExtension);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCallFirmware")]
    [InterruptSafe]
    private static extern nint Call(nint argument0, nint argument1, nint argument2, nint function, nint extension);
}
