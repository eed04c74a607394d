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
    /// <summary>An access to a page that is not mapped, or not so.</summary>
    PageFault,
    /// <summary>Division by zero, or a quotient that does not fit.</summary>
    DivideError,
    /// <summary>No instruction of this CPU.</summary>
    InvalidInstruction,
    /// <summary>A breakpoint instruction.</summary>
    Breakpoint,
    /// <summary>The trap after one instruction, or a debug register's.</summary>
    SingleStep,
    /// <summary>A privileged instruction, a non-canonical address and much else that user mode may not do.</summary>
    GeneralProtection,
    /// <summary>An access that is not aligned, where the program asked for the check or the architecture needs it.</summary>
    Alignment,
    /// <summary>An unmasked floating-point exception, of x87 or SSE.</summary>
    FloatingPoint,
    /// <summary>The INTO instruction with the overflow flag.</summary>
    Overflow,
    /// <summary>The BOUND instruction with an index out of range.</summary>
    BoundRange,
    /// <summary>A stack segment's limit, or a non-canonical stack pointer.</summary>
    StackFault,
    /// <summary>A load of a segment that is not present.</summary>
    SegmentNotPresent,
}

/// <summary>
/// A user exception. <see cref="Address"/> and <see cref="Access"/> are for page faults; <see cref="IsProtection"/>: the page was present. <see cref="ErrorCode"/> is the CPU's.
/// </summary>
public readonly record struct UserException(UserExceptionKind Kind, ulong Address, PageFaultAccess Access, bool IsProtection, ulong ErrorCode, int Vector);
