// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>The use of the 256 vectors.</summary>
internal static class InterruptVectors
{
    /// <summary>First vector of devices: input 0 of the I/O APIC.</summary>
    public const int FirstDevice = 0x20;

    public const int Timer = 0xef;
    public const int InterProcessor = 0xf0;
    public const int Spurious = 0xff;

    // SDM volume 3, table 6-1.
    [InterruptSafe]
    public static TrapKind Classify(int vector) => vector switch
    {
        Timer => TrapKind.Timer,
        InterProcessor => TrapKind.InterProcessor,
        Spurious => TrapKind.Spurious,
        TrapLayout.SyscallVector => TrapKind.Syscall,
        >= FirstDevice and < Timer => TrapKind.DeviceInterrupt,
        0 => TrapKind.DivideError,
        1 => TrapKind.SingleStep,
        2 => TrapKind.NonMaskable,
        3 => TrapKind.Breakpoint,
        4 => TrapKind.Overflow,
        5 => TrapKind.BoundRange,
        6 or 7 => TrapKind.InvalidInstruction,
        8 => TrapKind.DoubleFault,
        11 => TrapKind.SegmentNotPresent,
        12 => TrapKind.StackFault,
        10 or 13 => TrapKind.GeneralProtection,
        14 => TrapKind.PageFault,
        16 or 19 => TrapKind.FloatingPoint,
        17 => TrapKind.Alignment,
        18 => TrapKind.MachineCheck,
        _ => TrapKind.Unknown,
    };
}
