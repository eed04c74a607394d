// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Single privileged instructions as functions (System V calling convention), for the thin classes of Ostd.Arch.</summary>
internal sealed class ProcessorStubs : StubModule
{
    public override void Build(StubObject o)
    {
        BuildInterruptFlag(o);
        BuildRegisters(o);
        BuildPorts(o);
        BuildDescriptorTables(o);
        BuildIdentification(o);
    }

    private static Assembler Function(StubObject o, string name)
    {
        CodeBlock b = o.Code();
        b.Export(name);
        return b.Asm;
    }

    private static void BuildInterruptFlag(StubObject o)
    {
        // ulong ArchReadFlags()
        Assembler c = Function(o, "ArchReadFlags");
        c.pushfq();
        c.pop(rax);
        c.ret();

        // ulong ArchDisableInterrupts(): the flags as they were
        c = Function(o, "ArchDisableInterrupts");
        c.pushfq();
        c.pop(rax);
        c.cli();
        c.ret();

        c = Function(o, "ArchEnableInterrupts");
        c.sti();
        c.ret();

        // STI holds interrupts back for one instruction: nothing can come between it and HLT (SDM volume 2, STI).
        c = Function(o, "ArchWaitForInterrupt");
        c.sti();
        c.hlt();
        c.ret();

        c = Function(o, "ArchPause");
        c.pause();
        c.ret();

        // void ArchFlushCacheLine(void* address)
        c = Function(o, "ArchFlushCacheLine");
        c.clflush(__byte_ptr[rdi]);
        c.ret();
    }

    private static void BuildRegisters(StubObject o)
    {
        // ulong ArchReadMsr(uint index)
        Assembler c = Function(o, "ArchReadMsr");
        c.mov(ecx, edi);
        c.rdmsr();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.ret();

        // void ArchWriteMsr(uint index, ulong value)
        c = Function(o, "ArchWriteMsr");
        c.mov(ecx, edi);
        c.mov(eax, esi);
        c.mov(rdx, rsi);
        c.shr(rdx, 32);
        c.wrmsr();
        c.ret();

        (string Name, AssemblerRegisterCR Register)[] registers = [("Cr0", cr0), ("Cr2", cr2), ("Cr3", cr3), ("Cr4", cr4)];
        foreach ((string name, AssemblerRegisterCR register) in registers)
        {
            c = Function(o, "ArchRead" + name);
            c.mov(rax, register);
            c.ret();
            c = Function(o, "ArchWrite" + name);
            c.mov(register, rdi);
            c.ret();
        }

        c = Function(o, "ArchInvalidatePage");
        c.invlpg(__byte_ptr[rdi]);
        c.ret();
    }

    private static void BuildPorts(StubObject o)
    {
        Assembler c = Function(o, "ArchIn8");
        c.mov(edx, edi);
        c.xor(eax, eax);
        c.@in(al, dx);
        c.ret();
        c = Function(o, "ArchIn16");
        c.mov(edx, edi);
        c.xor(eax, eax);
        c.@in(ax, dx);
        c.ret();
        c = Function(o, "ArchIn32");
        c.mov(edx, edi);
        c.@in(eax, dx);
        c.ret();

        c = Function(o, "ArchOut8");
        c.mov(edx, edi);
        c.mov(eax, esi);
        c.@out(dx, al);
        c.ret();
        c = Function(o, "ArchOut16");
        c.mov(edx, edi);
        c.mov(eax, esi);
        c.@out(dx, ax);
        c.ret();
        c = Function(o, "ArchOut32");
        c.mov(edx, edi);
        c.mov(eax, esi);
        c.@out(dx, eax);
        c.ret();
    }

    private static void BuildDescriptorTables(StubObject o)
    {
        // void ArchLoadGdt(void* pointer): loads the table and all segment registers.
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label reloaded = c.CreateLabel();
        b.Export("ArchLoadGdt");
        c.lgdt(__tword_ptr[rdi]);
        c.mov(eax, Selectors.KernelData);
        c.mov(ss, ax);
        c.xor(eax, eax);
        c.mov(ds, ax);
        c.mov(es, ax);
        c.mov(fs, ax);
        c.mov(gs, ax);
        c.push(Selectors.KernelCode);
        c.lea(rax, __[reloaded]);
        c.push(rax);
        c.AddInstruction(Instruction.Create(Code.Retfq));
        c.Label(ref reloaded);
        c.ret();

        c = Function(o, "ArchLoadIdt");
        c.lidt(__tword_ptr[rdi]);
        c.ret();

        c = Function(o, "ArchLoadTaskRegister");
        c.ltr(di);
        c.ret();
    }

    private static void BuildIdentification(StubObject o)
    {
        // void ArchCpuId(uint leaf, uint subleaf, uint* result): EAX, EBX, ECX, EDX
        Assembler c = Function(o, "ArchCpuId");
        c.mov(r8, rdx);
        c.mov(r9, rbx);
        c.mov(eax, edi);
        c.mov(ecx, esi);
        c.cpuid();
        c.mov(__dword_ptr[r8], eax);
        c.mov(__dword_ptr[r8 + 4], ebx);
        c.mov(__dword_ptr[r8 + 8], ecx);
        c.mov(__dword_ptr[r8 + 12], edx);
        c.mov(rbx, r9);
        c.ret();

        // ulong ArchReadTimeStamp(): LFENCE orders it after earlier loads (SDM volume 2, RDTSC).
        c = Function(o, "ArchReadTimeStamp");
        c.lfence();
        c.rdtsc();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.ret();

        // bool ArchReadRandom(ulong* value): false when the generator has run dry
        c = Function(o, "ArchReadRandom");
        c.xor(eax, eax);
        c.rdrand(rdx);
        c.setc(al);
        c.mov(__qword_ptr[rdi], rdx);
        c.ret();
    }
}
