// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Values of scause (RISC-V Privileged Architecture 1.12, table 4.2), and two of the trap code's own.</summary>
internal static class InterruptVectors
{
    public const ulong Interrupt = 1UL << 63;
    public const ulong SoftwareInterrupt = Interrupt | 1;
    public const ulong TimerInterrupt = Interrupt | 5;
    public const ulong ExternalInterrupt = Interrupt | 9;
    public const ulong FetchPageFault = 12;
    public const ulong LoadPageFault = 13;
    public const ulong StorePageFault = 15;
    public const ulong UserCall = 8;

    /// <summary>Another CPU's interrupt that asked to stop.</summary>
    public const ulong Stop = 0x101;

    /// <summary>A trap that found no room on the interrupted stack.</summary>
    public const ulong Stack = 0x102;

    /// <summary>sie.SSIE</summary>
    public const ulong EnableSoftware = 1 << 1;

    /// <summary>sie.SEIE</summary>
    public const ulong EnableExternal = 1 << 9;

    /// <summary>sstatus.SPIE: interrupts were on before the trap.</summary>
    public const ulong StatusPreviousEnable = 1 << 5;

    /// <summary>sstatus.SPP: the trap came from the kernel.</summary>
    public const ulong StatusPreviousSupervisor = 1 << 8;

    /// <summary>sstatus.SIE</summary>
    public const ulong StatusEnable = 1 << 1;

    /// <summary>What a cause means.</summary>
    [InterruptSafe]
    public static TrapKind Classify(ulong cause) => cause switch
    {
        SoftwareInterrupt => TrapKind.InterProcessor,
        TimerInterrupt => TrapKind.Timer,
        ExternalInterrupt => TrapKind.DeviceInterrupt,
        0 or 4 or 6 => TrapKind.Alignment,
        1 or 5 or 7 => TrapKind.GeneralProtection, // an access that physical memory, or the firmware's protection, refuses
        2 => TrapKind.InvalidInstruction,
        3 => TrapKind.Breakpoint,
        UserCall => TrapKind.Syscall,
        FetchPageFault or LoadPageFault or StorePageFault => TrapKind.PageFault,
        Stop => TrapKind.NonMaskable,
        Stack => TrapKind.DoubleFault,
        _ => cause >= Interrupt ? TrapKind.Spurious : TrapKind.Unknown,
    };
}
