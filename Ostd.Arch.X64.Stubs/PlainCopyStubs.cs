// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Block copies and fills by general registers and string instructions, for kernels without vector instructions. Among RuntimeLeafStubs, whose rules hold.</summary>
internal static class PlainCopyStubs
{
    public static void Build(CodeBlock b)
    {
        BuildMemmove(b);
        BuildMemset(b);
    }

    // void* memmove(void* destination, void* source, nuint size): up to 32 bytes all are read before any is written.
    private static void BuildMemmove(CodeBlock b)
    {
        Assembler c = b.Asm;
        Label from17 = c.CreateLabel();
        Label from33 = c.CreateLabel();
        Label below8 = c.CreateLabel();
        Label below4 = c.CreateLabel();
        Label done = c.CreateLabel();
        Label backward = c.CreateLabel();

        b.Export("memcpy");
        b.Export("memmove");
        c.mov(rax, rdi);
        c.cmp(rdx, 16);
        c.ja(from17);
        c.cmp(rdx, 8);
        c.jb(below8);
        c.mov(rcx, __qword_ptr[rsi]);
        c.mov(r8, __qword_ptr[rsi + rdx - 8]);
        c.mov(__qword_ptr[rdi], rcx);
        c.mov(__qword_ptr[rdi + rdx - 8], r8);
        c.ret();
        c.Label(ref below8);
        c.cmp(rdx, 4);
        c.jb(below4);
        c.mov(ecx, __dword_ptr[rsi]);
        c.mov(r8d, __dword_ptr[rsi + rdx - 4]);
        c.mov(__dword_ptr[rdi], ecx);
        c.mov(__dword_ptr[rdi + rdx - 4], r8d);
        c.ret();
        c.Label(ref below4);
        c.test(rdx, rdx);
        c.jz(done);

        // One to three bytes: first, middle and last, which may coincide.
        c.mov(r10, rdx);
        c.shr(r10, 1);
        c.movzx(ecx, __byte_ptr[rsi]);
        c.movzx(r8d, __byte_ptr[rsi + r10]);
        c.movzx(r9d, __byte_ptr[rsi + rdx - 1]);
        c.mov(__byte_ptr[rdi], cl);
        c.mov(__byte_ptr[rdi + r10], r8b);
        c.mov(__byte_ptr[rdi + rdx - 1], r9b);
        c.Label(ref done);
        c.ret();

        c.Label(ref from17);
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

    // void* memset(void* destination, int value, nuint size); ref byte RhpGcSafeZeroMemory(ref byte destination, nuint size)
    private static void BuildMemset(CodeBlock b)
    {
        Assembler c = b.Asm;
        Label fill = c.CreateLabel();
        Label from17 = c.CreateLabel();
        Label below8 = c.CreateLabel();
        Label below4 = c.CreateLabel();
        Label below2 = c.CreateLabel();
        Label done = c.CreateLabel();

        b.Export("RhpGcSafeZeroMemory");
        c.mov(rdx, rsi);
        c.xor(eax, eax);
        c.jmp(fill);

        b.Export("memset");
        c.movzx(eax, sil);
        c.mov(r8, 0x0101_0101_0101_0101L);
        c.imul(rax, r8);
        c.Label(ref fill);
        c.mov(r9, rdi);
        c.cmp(rdx, 16);
        c.ja(from17);
        c.cmp(rdx, 8);
        c.jb(below8);
        c.mov(__qword_ptr[rdi], rax);
        c.mov(__qword_ptr[rdi + rdx - 8], rax);
        c.mov(rax, r9);
        c.ret();
        c.Label(ref below8);
        c.cmp(rdx, 4);
        c.jb(below4);
        c.mov(__dword_ptr[rdi], eax);
        c.mov(__dword_ptr[rdi + rdx - 4], eax);
        c.mov(rax, r9);
        c.ret();
        c.Label(ref below4);
        c.cmp(rdx, 2);
        c.jb(below2);
        c.mov(__word_ptr[rdi], ax);
        c.mov(__word_ptr[rdi + rdx - 2], ax);
        c.mov(rax, r9);
        c.ret();
        c.Label(ref below2);
        c.test(rdx, rdx);
        c.jz(done);
        c.mov(__byte_ptr[rdi], al);
        c.Label(ref done);
        c.mov(rax, r9);
        c.ret();

        c.Label(ref from17);
        c.mov(__qword_ptr[rdi + rdx - 8], rax);
        c.mov(rcx, rdx);
        c.shr(rcx, 3);
        c.rep.stosq();
        c.mov(rax, r9);
        c.ret();
    }
}
