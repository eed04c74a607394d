// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>Byte offsets of a trap frame and of a user thread's register block. The assembly has the same (Stubs/layout.inc). The first 32 words are <c>struct user_regs_struct</c>.</summary>
internal static class TrapLayout
{
    /// <summary>Address of the interrupted instruction; x1 to x31 follow.</summary>
    public const int ProgramCounter = 0;

    public const int ReturnAddress = 1 * 8;
    public const int StackPointer = 2 * 8;
    public const int ThreadPointer = 4 * 8;
    public const int FramePointer = 8 * 8;
    public const int A0 = 10 * 8;
    public const int A1 = 11 * 8;
    public const int A7 = 17 * 8;
    public const int RegisterCount = 32;

    /// <summary>sstatus at the trap.</summary>
    public const int Status = 256;

    /// <summary>scause, or a number of the assembly's (<see cref="InterruptVectors"/>).</summary>
    public const int Cause = 264;

    /// <summary>stval.</summary>
    public const int Value = 272;

    /// <summary>A multiple of 16, as the stack pointer has to be.</summary>
    public const int FrameSize = 288;

    // The rest exists in a user thread's register block only.

    /// <summary>Kernel stack pointer to return to when user mode is left.</summary>
    public const int KernelStackPointer = 288;

    /// <summary>Number, plus one, of the CPU that loaded the floating-point registers last, 32 bits; 0 when what is in memory was changed since.</summary>
    public const int StateCpu = 296;

    /// <summary>Number of the system call; all ones when user mode was left for another reason.</summary>
    public const int SyscallNumber = 304;

    /// <summary>a0 before the result of the system call took its place.</summary>
    public const int OriginalA0 = 312;

    /// <summary>f0 to f31: saved when the thread is switched away from.</summary>
    public const int Floats = 320;

    /// <summary>fcsr.</summary>
    public const int FloatControl = 576;

    public const int BlockSize = 592;
}
