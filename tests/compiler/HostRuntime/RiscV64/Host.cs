// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>Instructions of RISC-V.</summary>
internal static unsafe partial class Host
{
    // Linux's convention (syscall(2)): the number in a7, arguments in a0 to a5; the result in a0.
    [Asm("ecall", "={x10},{x17},{x10},{x11},{x12},{x13},{x14},{x15},~{memory}", Architecture = "riscv64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern nint SystemCall(long number, nint a, nint b, nint c, nint d, nint e, nint f);

    [Asm("lla $0, __ehdr_start", "=r", Architecture = "riscv64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    internal static extern byte* ImageHeader();
}
