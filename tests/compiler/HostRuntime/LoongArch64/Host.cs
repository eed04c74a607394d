// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>Instructions of LoongArch.</summary>
internal static unsafe partial class Host
{
    // Linux's convention (Documentation/arch/loongarch/introduction.rst): the number in a7, arguments in a0 to a5; the result in a0; t0 to t8 are lost.
    [Asm("syscall 0", "={$r4},{$r11},{$r4},{$r5},{$r6},{$r7},{$r8},{$r9},~{$r12},~{$r13},~{$r14},~{$r15},~{$r16},~{$r17},~{$r18},~{$r19},~{$r20},~{memory}", Architecture = "loongarch64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint SystemCall(long number, nint a, nint b, nint c, nint d, nint e, nint f);

    [Asm("la.local $0, __ehdr_start", "=r", Architecture = "loongarch64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern byte* ImageHeader();
}
