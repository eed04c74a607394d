// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;
using static Ostd.Arch.X64.Stubs.RuntimeLayout;

namespace Ostd.Arch.X64.Stubs;

/// <summary>What programs of this project's compiler ask for: the edges of exception dispatch, which Ostd.Runtime does in C# (Llvm/Throwing.cs).</summary>
/// <remarks>A throw stub's frame is the context of the throw site and 8 bytes of padding.</remarks>
internal sealed class LlvmRuntimeStubs : StubModule
{
    public override CodeGenerator? OnlyFor => CodeGenerator.Llvm;

    public override void Build(StubObject o)
    {
        // [DoesNotReturn] void (object exception); the last one gets a throw record back from a landing pad.
        BuildThrow(o, "RhpThrowEx", "AsterionThrow");
        BuildThrow(o, "RhpRethrow", "AsterionRethrow");
        BuildThrow(o, "_Unwind_Resume", "AsterionResume");
        BuildThrowHardware(o);
        BuildContinue(o);

        // Named by every function that has clauses; the unwinder reads the tables itself and never calls it.
        CodeBlock b = o.Code();
        b.Export("AsterionPersonality");
        b.Asm.ud2();

        b = o.Code();
        b.Export("ArchThreadStaticsSize");
        b.Asm.mov(rax, __qword_ptr[b.Symbol("AsterionThreadStaticsSize")]);
        b.Asm.ret();
    }

    private static void BuildThrow(StubObject o, string name, string target)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export(name);
        c.mov(rax, __qword_ptr[rsp]);
        c.lea(rdx, __[rsp + 8]);
        c.sub(rsp, ContextSize + 8);
        FillContext(c);
        c.mov(rsi, rsp);
        c.call(b.Symbol(target));
        c.ud2();
    }

    // The trap code arranges to come here as if called from the faulting instruction: RDI is the exception code, RSI the faulting address, RSP and the callee-saved registers as they were at
    // the fault.
    private static void BuildThrowHardware(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;
        b.Export("RhpThrowHwEx");
        c.cld(); // the fault may be that of a backward copy
        c.mov(rax, rsi);
        c.mov(rdx, rsp);
        c.and(rsp, -16);
        c.sub(rsp, ContextSize);
        FillContext(c);
        c.mov(rsi, rsp);
        c.call(b.Symbol("AsterionThrowHardware"));
        c.ud2();
    }

    // RAX: address of the throw site, RDX: its RSP.
    private static void FillContext(Assembler c)
    {
        c.mov(__qword_ptr[rsp + ContextIp], rax);
        c.mov(__qword_ptr[rsp + ContextRsp], rdx);
        c.mov(__qword_ptr[rsp + ContextRbp], rbp);
        c.mov(__qword_ptr[rsp + ContextRbx], rbx);
        c.mov(__qword_ptr[rsp + ContextR12], r12);
        c.mov(__qword_ptr[rsp + ContextR13], r13);
        c.mov(__qword_ptr[rsp + ContextR14], r14);
        c.mov(__qword_ptr[rsp + ContextR15], r15);
    }

    // [DoesNotReturn] void ArchContinue(LimitedContext* context, nint record, nint selector): into a landing pad, which takes the two in RAX and RDX (psABI, exception handling).
    private static void BuildContinue(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchContinue");
        c.mov(rax, rsi);
        // The context lies below the stack pointer that it holds, where an interrupt overwrites it: RSP comes last.
        c.mov(rcx, __qword_ptr[rdi + ContextIp]);
        c.mov(rbp, __qword_ptr[rdi + ContextRbp]);
        c.mov(rbx, __qword_ptr[rdi + ContextRbx]);
        c.mov(r12, __qword_ptr[rdi + ContextR12]);
        c.mov(r13, __qword_ptr[rdi + ContextR13]);
        c.mov(r14, __qword_ptr[rdi + ContextR14]);
        c.mov(r15, __qword_ptr[rdi + ContextR15]);
        c.mov(rsp, __qword_ptr[rdi + ContextRsp]);
        c.jmp(rcx);
    }
}
