// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>System calls of x86-64 (Linux, arch/x86/entry/syscalls/syscall_64.tbl).</summary>
internal static unsafe partial class Host
{
    private const long SystemCallWrite = 1;
    private const long SystemCallMap = 9;
    private const long SystemCallExit = 231;

    // Linux's convention: the number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9; RCX and R11 are lost.
    [Asm("syscall", "={rax},{rax},{rdi},{rsi},{rdx},{r10},{r8},{r9},~{rcx},~{r11},~{memory},~{flags}", Architecture = "x64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint SystemCall(long number, nint a, nint b, nint c, nint d, nint e, nint f);

    [Asm("lea __ehdr_start(%rip), $0", "=r", Architecture = "x64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern byte* ImageHeader();
}
