// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>Byte offsets of a trap frame and of a user thread's register block. Shared by the stubs and C#.</summary>
internal static class TrapLayout
{
    // The general registers in push order (the last pushed, R15, is lowest), then what the vector stub and the CPU pushed.
    public const int R15 = 0;
    public const int R14 = 8;
    public const int R13 = 16;
    public const int R12 = 24;
    public const int Rbp = 32;
    public const int Rbx = 40;
    public const int R11 = 48;
    public const int R10 = 56;
    public const int R9 = 64;
    public const int R8 = 72;
    public const int Rax = 80;
    public const int Rcx = 88;
    public const int Rdx = 96;
    public const int Rsi = 104;
    public const int Rdi = 112;
    public const int Vector = 120;
    public const int ErrorCode = 128;
    public const int Rip = 136;
    public const int Cs = 144;
    public const int Rflags = 152;
    public const int Rsp = 160;
    public const int Ss = 168;

    /// <summary>End of the part that the CPU and the stubs push. A multiple of 16: the CPU aligns the stack pointer before it pushes.</summary>
    public const int FrameSize = 176;

    /// <summary>In a kernel trap's frame, XMM0-15 lie below the general registers.</summary>
    public const int KernelXmmSize = 256;

    // The rest exists in a user thread's register block only.

    /// <summary>Kernel stack pointer to return to when user mode is left.</summary>
    public const int KernelRsp = 176;

    public const int FsBase = 184;
    public const int GsBase = 192;
    public const int Mxcsr = 200;
    public const int OriginalRax = 208;

    /// <summary>Number, plus one, of the CPU that loaded the rest of the state last, 32 bits; 0 when what is in memory was changed since.</summary>
    public const int StateCpu = 216;

    /// <summary>XMM0-15, 16 bytes each: saved at each entry, or with <see cref="X87"/> where the kernel has no vector instructions.</summary>
    public const int Xmm = 224;

    /// <summary>A 512-byte FXSAVE area of which only the x87 part counts: saved when the thread is switched away from.</summary>
    public const int X87 = 480;

    public const int BlockSize = 992;

    /// <summary>What the vector field holds after a SYSCALL.</summary>
    public const int SyscallVector = 0x100;
}
