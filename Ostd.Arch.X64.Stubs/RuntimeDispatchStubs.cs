// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The slow path of an interface call: resolve the target, remember it in the cell, go there with the arguments untouched.</summary>
internal sealed class RuntimeDispatchStubs : StubModule
{
    /// <summary>Bytes between RSP at the resolver's return and the interface call's own return address.</summary>
    public const int FrameSize = 8 * 16 + 8 + 6 * 8;

    public override CodeGenerator? OnlyFor => CodeGenerator.Ilc;

    public override void Build(StubObject o)
    {
        AssemblerRegister64[] arguments = [rdi, rsi, rdx, rcx, r8, r9];
        AssemblerRegisterXMM[] vectors = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7];
        CodeBlock b = o.Code();
        Assembler c = b.Asm;

        b.Export("runtime_dispatch_slow");
        foreach (AssemblerRegister64 register in arguments)
        {
            c.push(register);
        }

        c.sub(rsp, 8 * 16 + 8);
        for (int i = 0; i < vectors.Length; i++)
        {
            c.movups(__xmmword_ptr[rsp + i * 16], vectors[i]);
        }

        c.mov(rsi, r10);
        c.call(b.Symbol("RhpResolveInterfaceMethod")); // CoreLib: (object, cell)
        b.Export("runtime_dispatch_return");
        for (int i = 0; i < vectors.Length; i++)
        {
            c.movups(vectors[i], __xmmword_ptr[rsp + i * 16]);
        }

        c.add(rsp, 8 * 16 + 8);
        for (int i = arguments.Length - 1; i >= 0; i--)
        {
            c.pop(arguments[i]);
        }

        c.jmp(rax);
    }
}
