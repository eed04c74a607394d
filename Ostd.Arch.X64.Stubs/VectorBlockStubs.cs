// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>More than 16 bytes by XMM registers: overlapping heads and tails below 65 bytes, 64-byte steps above.</summary>
internal static class VectorBlockStubs
{
    public static void BuildMove(Assembler c)
    {
        Label from33 = c.CreateLabel();
        Label from65 = c.CreateLabel();
        Label backward = c.CreateLabel();
        Label forwardLoop = c.CreateLabel();
        Label forwardTail = c.CreateLabel();
        Label backwardLoop = c.CreateLabel();
        Label backwardTail = c.CreateLabel();

        c.cmp(rdx, 32);
        c.ja(from33);
        c.movups(xmm0, __xmmword_ptr[rsi]);
        c.movups(xmm1, __xmmword_ptr[rsi + rdx - 16]);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.movups(__xmmword_ptr[rdi + rdx - 16], xmm1);
        c.ret();
        c.Label(ref from33);
        c.cmp(rdx, 64);
        c.ja(from65);
        c.movups(xmm0, __xmmword_ptr[rsi]);
        c.movups(xmm1, __xmmword_ptr[rsi + 16]);
        c.movups(xmm2, __xmmword_ptr[rsi + rdx - 32]);
        c.movups(xmm3, __xmmword_ptr[rsi + rdx - 16]);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.movups(__xmmword_ptr[rdi + 16], xmm1);
        c.movups(__xmmword_ptr[rdi + rdx - 32], xmm2);
        c.movups(__xmmword_ptr[rdi + rdx - 16], xmm3);
        c.ret();

        c.Label(ref from65);
        c.mov(rcx, rdi);
        c.sub(rcx, rsi);
        c.cmp(rcx, rdx);
        c.jb(backward);

        // Forward: the last 64 bytes are read before the loop can overwrite them and written after it.
        c.lea(r8, __[rsi + rdx - 64]);
        c.lea(r9, __[rdi + rdx - 64]);
        LoadFour(c, r8, 4);
        c.Label(ref forwardLoop);
        c.cmp(rsi, r8);
        c.jae(forwardTail);
        LoadFour(c, rsi, 0);
        StoreFour(c, rdi, 0);
        c.add(rsi, 64);
        c.add(rdi, 64);
        c.jmp(forwardLoop);
        c.Label(ref forwardTail);
        StoreFour(c, r9, 4);
        c.ret();

        // Backward: likewise with the first 64 bytes.
        c.Label(ref backward);
        c.mov(r8, rsi);
        c.mov(r9, rdi);
        LoadFour(c, r8, 4);
        c.lea(rsi, __[rsi + rdx - 64]);
        c.lea(rdi, __[rdi + rdx - 64]);
        c.Label(ref backwardLoop);
        c.cmp(rsi, r8);
        c.jbe(backwardTail);
        LoadFour(c, rsi, 0);
        StoreFour(c, rdi, 0);
        c.sub(rsi, 64);
        c.sub(rdi, 64);
        c.jmp(backwardLoop);
        c.Label(ref backwardTail);
        StoreFour(c, r9, 4);
        c.ret();
    }

    private static readonly AssemblerRegisterXMM[] s_xmm = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7];

    private static void LoadFour(Assembler c, AssemblerRegister64 source, int first)
    {
        for (int i = 0; i < 4; i++)
        {
            c.movups(s_xmm[first + i], __xmmword_ptr[source + i * 16]);
        }
    }

    private static void StoreFour(Assembler c, AssemblerRegister64 destination, int first)
    {
        for (int i = 0; i < 4; i++)
        {
            c.movups(__xmmword_ptr[destination + i * 16], s_xmm[first + i]);
        }
    }

    public static void BuildFill(Assembler c)
    {
        Label blocks = c.CreateLabel();
        Label loop = c.CreateLabel();
        Label tail = c.CreateLabel();

        c.movq(xmm0, rcx);
        c.punpcklqdq(xmm0, xmm0);
        c.lea(r9, __[rdi + rdx - 16]);
        c.lea(r10, __[rdi + rdx - 64]);
        c.cmp(rdx, 64);
        c.jb(loop);
        c.Label(ref blocks);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.movups(__xmmword_ptr[rdi + 16], xmm0);
        c.movups(__xmmword_ptr[rdi + 32], xmm0);
        c.movups(__xmmword_ptr[rdi + 48], xmm0);
        c.add(rdi, 64);
        c.cmp(rdi, r10);
        c.jbe(blocks);
        c.Label(ref loop);
        c.cmp(rdi, r9);
        c.jae(tail);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.add(rdi, 16);
        c.jmp(loop);
        c.Label(ref tail);
        c.movups(__xmmword_ptr[r9], xmm0);
        c.ret();
    }
}
