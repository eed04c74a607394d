// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>Byte offsets of a trap frame and of a user thread's register block. The assembly has the same (Stubs/layout.inc). The first 35 words are those of <c>struct user_pt_regs</c>.</summary>
internal static class TrapLayout
{
    public const int ReturnAddress = 1 * 8;
    public const int ThreadPointer = 2 * 8;
    public const int StackPointer = 3 * 8;
    public const int A0 = 4 * 8;
    public const int A1 = 5 * 8;
    public const int A7 = 11 * 8;
    public const int FramePointer = 22 * 8;

    /// <summary>a0 before the result of the system call took its place; in a user thread's block only.</summary>
    public const int OriginalA0 = 256;

    /// <summary>Address of the interrupted instruction: ERA.</summary>
    public const int ProgramCounter = 264;

    /// <summary>BADV.</summary>
    public const int Value = 272;

    /// <summary>r0 to r31 and the three above.</summary>
    public const int RegisterCount = 35;

    /// <summary>PRMD.</summary>
    public const int Status = 280;

    /// <summary>What the assembly made of ESTAT (<see cref="InterruptVectors"/>).</summary>
    public const int Cause = 288;

    /// <summary>A multiple of 16, as the stack pointer has to be.</summary>
    public const int FrameSize = 304;

    // The rest exists in a user thread's register block only.

    /// <summary>Kernel stack pointer to return to when user mode is left.</summary>
    public const int KernelStackPointer = 304;

    /// <summary>Number, plus one, of the CPU that loaded the floating-point registers last, 32 bits; 0 when what is in memory was changed since.</summary>
    public const int StateCpu = 312;

    /// <summary>Number of the system call; all ones when user mode was left for another reason.</summary>
    public const int SyscallNumber = 320;

    /// <summary>f0 to f31: saved when the thread is switched away from.</summary>
    public const int Floats = 336;

    /// <summary>fcc0 to fcc7, a byte each.</summary>
    public const int FloatConditions = 592;

    /// <summary>fcsr0, 32 bits.</summary>
    public const int FloatControl = 600;

    public const int BlockSize = 608;
}
