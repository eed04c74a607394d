// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Block copies and fills. Up to 16 bytes go the same way in every kernel; longer ones by vectors (<see cref="VectorBlockStubs"/>) or without (<see cref="PlainBlockStubs"/>). Among RuntimeLeafStubs, whose rules hold.</summary>
internal static class BlockStubs
{
    public static void Build(CodeBlock b, bool usesVectors)
    {
        Label from17 = b.Asm.CreateLabel();
        BuildShortMove(b, from17);
        b.Asm.Label(ref from17);
        if (usesVectors)
        {
            VectorBlockStubs.BuildMove(b.Asm);
        }
        else
        {
            PlainBlockStubs.BuildMove(b.Asm);
        }

        from17 = b.Asm.CreateLabel();
        BuildShortFill(b, from17);
        b.Asm.Label(ref from17);
        if (usesVectors)
        {
            VectorBlockStubs.BuildFill(b.Asm);
        }
        else
        {
            PlainBlockStubs.BuildFill(b.Asm);
        }
    }

    // void* memmove(void* destination, void* source, nuint size): all bytes are read before any is written.
    private static void BuildShortMove(CodeBlock b, Label from17)
    {
        Assembler c = b.Asm;
        Label below8 = c.CreateLabel();
        Label below4 = c.CreateLabel();
        Label done = c.CreateLabel();

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
        // One to three bytes: first, middle and last, which may coincide; all are read before any is written.
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
    }

    // void* memset(void* destination, int value, nuint size); ref byte RhpGcSafeZeroMemory(ref byte destination, nuint size). RCX is the pattern, RAX the result.
    private static void BuildShortFill(CodeBlock b, Label from17)
    {
        Assembler c = b.Asm;
        Label fill = c.CreateLabel();
        Label below8 = c.CreateLabel();
        Label below4 = c.CreateLabel();
        Label below2 = c.CreateLabel();
        Label done = c.CreateLabel();

        b.Export("RhpGcSafeZeroMemory");
        c.mov(rdx, rsi);
        c.xor(ecx, ecx);
        c.jmp(fill);

        b.Export("memset");
        c.movzx(ecx, sil);
        c.mov(r8, 0x0101_0101_0101_0101L);
        c.imul(rcx, r8);
        c.Label(ref fill);
        c.mov(rax, rdi);
        c.cmp(rdx, 16);
        c.ja(from17);
        c.cmp(rdx, 8);
        c.jb(below8);
        c.mov(__qword_ptr[rdi], rcx);
        c.mov(__qword_ptr[rdi + rdx - 8], rcx);
        c.ret();
        c.Label(ref below8);
        c.cmp(rdx, 4);
        c.jb(below4);
        c.mov(__dword_ptr[rdi], ecx);
        c.mov(__dword_ptr[rdi + rdx - 4], ecx);
        c.ret();
        c.Label(ref below4);
        c.cmp(rdx, 2);
        c.jb(below2);
        c.mov(__word_ptr[rdi], cx);
        c.mov(__word_ptr[rdi + rdx - 2], cx);
        c.ret();
        c.Label(ref below2);
        c.test(rdx, rdx);
        c.jz(done);
        c.mov(__byte_ptr[rdi], cl);
        c.Label(ref done);
        c.ret();
    }
}
