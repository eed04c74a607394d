// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.User;

/// <summary>
/// The registers of a user thread, FP/SIMD state included. What is set is sanitised: no value can give user mode a privilege (RFLAGS, segments, non-canonical addresses).
/// </summary>
public sealed class UserContext
{
    public UserContext() => throw new NotSupportedException();

    /// <summary>A copy, for fork.</summary>
    public UserContext Clone() => throw new NotSupportedException();

    /// <summary>Number of the system call, as the program gave it.</summary>
    public ulong SyscallNumber => throw new NotSupportedException();

    /// <summary>Argument 0 to 5 of the system call, unchanged by <see cref="SetReturnValue"/>.</summary>
    public ulong GetArgument(int index) => throw new NotSupportedException();

    /// <summary>Sets what the system call returns (negative errno for an error).</summary>
    public void SetReturnValue(long value) => throw new NotSupportedException();

    /// <summary>Makes the instruction pointer stand at the system call instruction again with the original number, for a restart.</summary>
    public void RestartSyscall() => throw new NotSupportedException();

    public ulong InstructionPointer { get; set; }

    public ulong StackPointer { get; set; }

    /// <summary>Thread pointer: FS base on x86-64, tp elsewhere. A non-canonical value throws <see cref="ArgumentOutOfRangeException"/>.</summary>
    public ulong ThreadPointer { get; set; }

    /// <summary>A register by its index in the architecture's ptrace layout (<c>struct user_regs_struct</c>): x86-64: r15 0, r14, r13, r12, rbp, rbx, r11, r10, r9, r8, rax 10, rcx, rdx, rsi, rdi, orig_rax 15, rip 16, cs, rflags 18, rsp 19, ss, fs_base 21, gs_base 22.</summary>
    public ulong GetRegister(int index) => throw new NotSupportedException();

    /// <summary>Sets a register; values that would give privileges are corrected as Linux's sigreturn does.</summary>
    public void SetRegister(int index, ulong value) => throw new NotSupportedException();

    /// <summary>Size of the FP/SIMD image, in bytes (FXSAVE: 512).</summary>
    public static int FloatingPointSizeBytes => throw new NotSupportedException();

    public void SaveFloatingPoint(Span<byte> destination) => throw new NotSupportedException();

    /// <summary>Loads an FP/SIMD image; reserved bits are cleared.</summary>
    public void LoadFloatingPoint(ReadOnlySpan<byte> source) => throw new NotSupportedException();

    /// <summary>Back to the state of a new program: all registers zero, FP in its initial state.</summary>
    public void Reset() => throw new NotSupportedException();
}

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

/// <summary>A user exception. <see cref="Address"/> and <see cref="Access"/> are for page faults; <see cref="IsProtection"/>: the page was present. <see cref="ErrorCode"/> is the CPU's.</summary>
public readonly record struct UserException(UserExceptionKind Kind, ulong Address, Memory.PageFaultAccess Access, bool IsProtection, ulong ErrorCode, int Vector);

/// <summary>The way into user mode.</summary>
public static class UserMode
{
    /// <summary>
    /// Runs the current task in user mode with these registers, in the address space that it activated, until something needs the kernel. Interrupts of devices and the
    /// scheduler's ticks are handled inside.
    /// </summary>
    public static UserReturnReason Execute(UserContext context, out UserException exception) => throw new NotSupportedException();
}
