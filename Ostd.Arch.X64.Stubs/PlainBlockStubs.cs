// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>More than 16 bytes by general registers and string instructions, for kernels without vector instructions.</summary>
internal static class PlainBlockStubs
{
    // Up to 32 bytes all are read before any is written.
    public static void BuildMove(Assembler c)
    {
        Label from33 = c.CreateLabel();
        Label backward = c.CreateLabel();

        c.cmp(rdx, 32);
        c.ja(from33);
        c.mov(rcx, __qword_ptr[rsi]);
        c.mov(r8, __qword_ptr[rsi + 8]);
        c.mov(r9, __qword_ptr[rsi + rdx - 16]);
        c.mov(r10, __qword_ptr[rsi + rdx - 8]);
        c.mov(__qword_ptr[rdi], rcx);
        c.mov(__qword_ptr[rdi + 8], r8);
        c.mov(__qword_ptr[rdi + rdx - 16], r9);
        c.mov(__qword_ptr[rdi + rdx - 8], r10);
        c.ret();

        // Whole words, then the last eight bytes, which were read before anything could overwrite them.
        c.Label(ref from33);
        c.mov(rcx, rdi);
        c.sub(rcx, rsi);
        c.cmp(rcx, rdx);
        c.jb(backward);
        c.mov(r8, __qword_ptr[rsi + rdx - 8]);
        c.lea(r9, __[rdi + rdx - 8]);
        c.lea(rcx, __[rdx - 1]);
        c.shr(rcx, 3);
        c.rep.movsq();
        c.mov(__qword_ptr[r9], r8);
        c.ret();

        // Likewise from the end, with the first eight.
        c.Label(ref backward);
        c.mov(r8, __qword_ptr[rsi]);
        c.mov(r9, rdi);
        c.lea(rcx, __[rdx - 1]);
        c.lea(rsi, __[rsi + rdx - 8]);
        c.lea(rdi, __[rdi + rdx - 8]);
        c.shr(rcx, 3);
        c.std();
        c.rep.movsq();
        c.cld();
        c.mov(__qword_ptr[r9], r8);
        c.ret();
    }

    // Whole words, and the last eight bytes.
    public static void BuildFill(Assembler c)
    {
        c.mov(__qword_ptr[rdi + rdx - 8], rcx);
        c.mov(r9, rax);
        c.mov(rax, rcx);
        c.mov(rcx, rdx);
        c.shr(rcx, 3);
        c.rep.stosq();
        c.mov(rax, r9);
        c.ret();
    }
}
