// SPDX-License-Identifier: MPL-2.0
using Ostd.Memory;

namespace Ostd.User;

/// <summary>Why user mode came back to the kernel.</summary>
public enum UserReturnReason
{
    /// <summary>A system call.</summary>
    Syscall,

    /// <summary>A CPU exception: the second result of <see cref="UserMode.Execute"/> says which.</summary>
    Exception,

    /// <summary>The task was interrupted (<see cref="Tasks.Task.Interrupt"/>): look for signals.</summary>
    KernelEvent,
}

/// <summary>Kinds of CPU exception that a user program can raise, alike on all architectures.</summary>
public enum UserExceptionKind
{
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
}

/// <summary>
/// A user exception. <see cref="Address"/> and <see cref="Access"/> are for page faults; <see cref="IsProtection"/>: the page was present. <see cref="ErrorCode"/> is the CPU's.
/// </summary>
public readonly record struct UserException(UserExceptionKind Kind, ulong Address, PageFaultAccess Access, bool IsProtection, ulong ErrorCode, int Vector);
