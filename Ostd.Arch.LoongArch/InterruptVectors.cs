// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>What the trap code makes of ESTAT (LoongArch Reference Manual 1.10, volume 1, section 7.4.6): Ecode and, above it, EsubCode of an exception; for interrupts their number with a mark.</summary>
internal static class InterruptVectors
{
    public const ulong Interrupt = 1UL << 63;
    public const ulong DeviceInterrupt = Interrupt | 2;
    public const ulong TimerInterrupt = Interrupt | 11;
    public const ulong InterProcessorInterrupt = Interrupt | 12;

    public const ulong InvalidLoad = 0x1;
    public const ulong InvalidStore = 0x2;
    public const ulong InvalidFetch = 0x3;
    public const ulong NotDirty = 0x4;
    public const ulong NotReadable = 0x5;
    public const ulong NotExecutable = 0x6;
    public const ulong NotPrivileged = 0x7;
    public const ulong FetchAddress = 0x8;
    public const ulong DataAddress = 0x8 | 1 << 6;
    public const ulong SystemCall = 0xb;

    /// <summary>Another CPU's interrupt that asked to stop.</summary>
    public const ulong Stop = 0x10001;

    /// <summary>A trap that found no room on the interrupted stack.</summary>
    public const ulong Stack = 0x10002;

    /// <summary>ECFG: the first hardware interrupt, to which all devices lead.</summary>
    public const ulong EnableDevices = 1 << 2;

    /// <summary>ECFG: the timer.</summary>
    public const ulong EnableTimer = 1 << 11;

    /// <summary>ECFG: other CPUs.</summary>
    public const ulong EnableInterProcessor = 1 << 12;

    /// <summary>PRMD.PIE: interrupts were on before the trap.</summary>
    public const ulong PreviousEnable = 1 << 2;

    /// <summary>PRMD.PPLV: where the trap came from, 0 for the kernel.</summary>
    public const ulong PreviousLevel = 3;

    /// <summary>What a cause means.</summary>
    [InterruptSafe]
    public static TrapKind Classify(ulong cause) => cause switch
    {
        InterProcessorInterrupt => TrapKind.InterProcessor,
        TimerInterrupt => TrapKind.Timer,
        DeviceInterrupt => TrapKind.DeviceInterrupt,
        >= InvalidLoad and <= NotPrivileged => TrapKind.PageFault,
        FetchAddress or DataAddress => TrapKind.PageFault, // an address that no tables can map
        0x9 => TrapKind.Alignment,
        0xa => TrapKind.BoundRange,
        SystemCall => TrapKind.Syscall,
        0xc => TrapKind.Breakpoint,
        0xd or 0xe or 0xf or 0x10 or 0x11 => TrapKind.InvalidInstruction, // unknown, privileged, or of a unit that is off
        0x12 or 0x12 | 1 << 6 => TrapKind.FloatingPoint,
        Stop => TrapKind.NonMaskable,
        Stack => TrapKind.DoubleFault,
        _ => cause >= Interrupt ? TrapKind.Spurious : TrapKind.Unknown,
    };
}
