// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>What stands in assembly (<c>host.S</c>) and what the compiler defines.</summary>
internal static unsafe class Host
{
    private const long SystemCallWrite = 1;
    private const long SystemCallMap = 9;
    private const long SystemCallExit = 231;

    private const int ReadWrite = 3;
    private const int PrivateAnonymous = 0x22;

    // Linux's convention: the number in RAX, arguments in RDI, RSI, RDX, R10, R8, R9; RCX and R11 are lost.
    [Asm("syscall", "={rax},{rax},{rdi},{rsi},{rdx},{r10},{r8},{r9},~{rcx},~{r11},~{memory},~{flags}")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint SystemCall(long number, nint a, nint b, nint c, nint d, nint e, nint f);

    [Asm("lea __ehdr_start(%rip), $0", "=r")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern byte* ImageHeader();

    /// <summary>Puts the registers back and goes on at their IP, with the two values where the psABI hands a landing pad its arguments.</summary>
    [RuntimeImport("*", "HostContinue")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Continue(LimitedContext* context, nint record, nint selector);

    [RuntimeImport("*", "AsterionProgram")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern int Program(string[] arguments);

    [RuntimeImport("*", "AsterionInitialize")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern void Initialize();

    internal static void Write(int descriptor, byte* bytes, nint count) => SystemCall(SystemCallWrite, descriptor, (nint)bytes, count, 0, 0, 0);

    internal static byte* Map(nuint size) => (byte*)SystemCall(SystemCallMap, 0, (nint)size, ReadWrite, PrivateAnonymous, -1, 0);

    internal static void Exit(int status) => SystemCall(SystemCallExit, status, 0, 0, 0, 0, 0);
}
