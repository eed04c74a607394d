// SPDX-License-Identifier: MPL-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading;
using Ostd.Runtime;

namespace Asterion.Compiler.Tests;

/// <summary>Short integers between compiled code and assembly. Each has rubbish above it in its register before the call.</summary>
internal static unsafe class NativeCalls
{
    [DllImport("*", EntryPoint = "NativeRegister")]
    private static extern long Register(int value);

    [DllImport("*", EntryPoint = "NativeRegister")]
    private static extern long Register(uint value);

    [DllImport("*", EntryPoint = "NativeRegister")]
    private static extern long Register(byte value);

    [DllImport("*", EntryPoint = "NativeCall")]
    private static extern long Call(nint function, long argument);

    [Asm("movslq $1, $0", "=r,r", Architecture = "x64")]
    [Asm("mv $0, $1", "=r,r", Architecture = "riscv64")]
    [Asm("move $0, $1", "=r,r", Architecture = "loongarch64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Operand(int value);

    [Asm("movl $1, ${0:k}", "=r,r", Architecture = "x64")]
    [Asm("mv $0, $1", "=r,r")]
    [Asm("move $0, $1", "=r,r", Architecture = "loongarch64")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern long Operand(uint value);

    [UnmanagedCallersOnly]
    private static int Truncate(long value) => (int)value;

    internal static void Run(System.Action<string> write)
    {
        foreach (long each in (long[])[0x1234_5678_8000_0001, -0xffff_fffb, 0x0000_0001_0000_00ff])
        {
            long value = Volatile.Read(in each);
            write($"{Register((int)value)} {Register((uint)value)} {Register((byte)value)}");
            write($"{Operand((int)value)} {Operand((uint)value)}");
            write($"{Call((nint)(delegate* unmanaged<long, int>)&Truncate, value)}");
        }
    }
}
