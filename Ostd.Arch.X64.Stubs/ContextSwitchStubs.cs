// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The switch between two kernel stacks.</summary>
internal sealed class ContextSwitchStubs : StubModule
{
    public override void Build(StubObject o)
    {
        // void ArchSwitchContext(nuint* savedStackPointer, nuint newStackPointer)
        // Callee-saved registers go to the stack, where the collector finds them; all others are dead across a call. MXCSR and the x87 control word are never changed by
        // kernel code.
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchSwitchContext");
        c.push(rbp);
        c.push(rbx);
        c.push(r12);
        c.push(r13);
        c.push(r14);
        c.push(r15);
        c.mov(__qword_ptr[rdi], rsp);
        c.mov(rsp, rsi);
        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbx);
        c.pop(rbp);
        c.ret();

        // The first switch to a task returns here, RSP a multiple of 16.
        b = o.Code(entryFrameSize: 0);
        c = b.Asm;
        b.Export("task_start");
        c.xor(ebp, ebp);
        c.push(0); // a return address of 0 ends every stack walk
        c.jmp(b.Symbol("TaskEntry"));

        ExportAddress(o, "ArchTaskStartAddress", "task_start");
    }
}
