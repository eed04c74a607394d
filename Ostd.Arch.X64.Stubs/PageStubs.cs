// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Whole-page fills and copies, for <c>Ostd.Arch.PageOperations</c>.</summary>
internal sealed class PageStubs : StubModule
{
    private const int PageSize = 4096;

    public override void Build(StubObject o)
    {
        BuildPageZero(o);
        BuildPageCopy(o);
    }

    // void ArchPageZero(void* page)
    private static void BuildPageZero(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchPageZero");
        c.xor(eax, eax);
        c.mov(ecx, PageSize / 8);
        c.rep.stosq();
        c.ret();
    }

    // void ArchPageCopy(void* destination, void* source)
    private static void BuildPageCopy(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchPageCopy");
        c.mov(ecx, PageSize / 8);
        c.rep.movsq();
        c.ret();
    }
}
