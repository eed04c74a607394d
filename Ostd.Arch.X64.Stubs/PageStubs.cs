// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Whole-page fills and copies, for <c>Ostd.Arch.PageOperations</c>.</summary>
internal sealed class PageStubs : StubModule
{
    private const int PageSize = 4096;
    private const int StepSize = 64;
    private const int ZeroStepSize = 256;

    public override void Build(StubObject o)
    {
        BuildPageZero(o);
        BuildPageCopy(o);
    }

    // void ArchPageZero(void* page). Plain stores, as in the user copies: an emulated REP STOSQ takes twice as long.
    private static void BuildPageZero(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label loop = c.CreateLabel();
        b.Export("ArchPageZero");
        c.xor(eax, eax);
        c.lea(rdx, __[rdi + PageSize]);
        c.Label(ref loop);
        for (int offset = 0; offset < ZeroStepSize; offset += 8)
        {
            c.mov(__qword_ptr[rdi + offset], rax);
        }
        c.add(rdi, ZeroStepSize);
        c.cmp(rdi, rdx);
        c.jb(loop);
        c.ret();
    }

    // void ArchPageCopy(void* destination, void* source)
    private static void BuildPageCopy(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label loop = c.CreateLabel();
        AssemblerRegister64[] registers = [rax, rcx, r8, r9];
        b.Export("ArchPageCopy");
        c.lea(rdx, __[rdi + PageSize]);
        c.Label(ref loop);
        for (int half = 0; half < StepSize; half += 32)
        {
            for (int i = 0; i < 4; i++)
            {
                c.mov(registers[i], __qword_ptr[rsi + half + (i * 8)]);
            }
            for (int i = 0; i < 4; i++)
            {
                c.mov(__qword_ptr[rdi + half + (i * 8)], registers[i]);
            }
        }
        c.add(rsi, StepSize);
        c.add(rdi, StepSize);
        c.cmp(rdi, rdx);
        c.jb(loop);
        c.ret();
    }
}
