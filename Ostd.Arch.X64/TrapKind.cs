// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>What interrupted the CPU.</summary>
public enum TrapKind
{
    /// <summary>An interrupt line, or an interrupt that OSTD gave a vector: <see cref="TrapFrame.InterruptNumber"/>.</summary>
    DeviceInterrupt,

    /// <summary>This CPU's timer.</summary>
    Timer,

    /// <summary>Another CPU asks for something.</summary>
    InterProcessor,

    /// <summary>An interrupt without a source, to be forgotten.</summary>
    Spurious,

    PageFault,
    DivideError,
    InvalidInstruction,
    Breakpoint,
    SingleStep,
    GeneralProtection,
    Alignment,
    FloatingPoint,
    Overflow,
    BoundRange,
    StackFault,
    SegmentNotPresent,

    /// <summary>A trap within a trap: in practice a kernel stack that overflowed into its guard page.</summary>
    DoubleFault,

    NonMaskable,
    MachineCheck,
    Syscall,
    Unknown,
}
