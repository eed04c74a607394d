// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The way into user mode and, by SYSCALL, back.</summary>
/// <remarks>
/// <c>void ArchEnterUser(byte* block)</c>: called with interrupts off, returns with interrupts off when user mode is left, for whatever reason; the block then holds the
/// registers, the vector and the error code. RIP in the block is canonical, RFLAGS, CS and SS are sanitised by C#.
/// SYSRET is used only if the registers it destroys hold what it puts there anyway and RIP lies in the lower half: with a non-canonical RCX, SYSRET faults in ring 0 with
/// the user's stack on Intel CPUs (CVE-2012-0217).
/// </remarks>
internal sealed class UserEntryStubs : StubModule
{
    private const int ResumeAndTrapFlags = 0x1_0100;

    // In FXSAVE's image (SDM volume 1, table 10-2).
    private const int ImageMxcsr = 24;
    private const int ImageXmm = 160;
    private const int XmmWords = 32;

    public override void Build(StubObject o)
    {
        BuildEnter(o);
        BuildSyscallEntry(o);
        BuildFloatingPoint(o);
    }

    private static void BuildEnter(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label full = c.CreateLabel();

        b.Export("ArchEnterUser");
        c.push(rbp);
        c.push(rbx);
        c.push(r12);
        c.push(r13);
        c.push(r14);
        c.push(r15);
        c.mov(__qword_ptr[rdi + TrapLayout.KernelRsp], rsp);
        c.lea(rdx, __[rdi + TrapLayout.FrameSize]);
        c.mov(rax, __qword_ptr.gs[PerCpuLayout.TaskStateSegment]);
        c.mov(__qword_ptr.gs[PerCpuLayout.UserFrameEnd], rdx);
        c.mov(__qword_ptr[rax + 4], rdx); // RSP0 (SDM volume 3, figure 8-11)
        if (o.UsesVectors)
        {
            LoadVectors(c);
        }

        c.mov(rsp, rdi);

        c.mov(rcx, __qword_ptr[rsp + TrapLayout.Rip]);
        c.mov(r11, __qword_ptr[rsp + TrapLayout.Rflags]);
        c.cmp(__qword_ptr[rsp + TrapLayout.Rcx], rcx);
        c.jne(full);
        c.cmp(__qword_ptr[rsp + TrapLayout.R11], r11);
        c.jne(full);
        c.mov(rax, rcx);
        c.shr(rax, 47);
        c.jnz(full);
        c.test(r11d, ResumeAndTrapFlags);
        c.jnz(full);

        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbp);
        c.pop(rbx);
        c.pop(rax); // R11: already there
        c.pop(r10);
        c.pop(r9);
        c.pop(r8);
        c.pop(rax);
        c.pop(rdx); // RCX: already there
        c.pop(rdx);
        c.pop(rsi);
        c.pop(rdi);
        c.swapgs();
        c.mov(rsp, __qword_ptr[rsp + TrapLayout.Rsp - TrapLayout.Vector]);
        c.sysretq();

        c.Label(ref full);
        TrapStubs.PopAll(c);
        c.add(rsp, 16);
        c.swapgs();
        c.iretq();
    }

    private static void BuildSyscallEntry(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;

        // RCX is the user's RIP, R11 its RFLAGS; interrupts are off and AC, DF, TF clear by SFMASK.
        b.Export("syscall_entry");
        c.swapgs();
        c.mov(__qword_ptr.gs[PerCpuLayout.Scratch], rsp);
        c.mov(rsp, __qword_ptr.gs[PerCpuLayout.UserFrameEnd]);
        c.push(Selectors.UserData);
        c.push(__qword_ptr.gs[PerCpuLayout.Scratch]);
        c.push(r11);
        c.push(Selectors.UserCode);
        c.push(rcx);
        c.push(0);
        c.push(TrapLayout.SyscallVector);
        TrapStubs.PushAll(c);

        // RSP is the block's start. Everything of the user's that C# could change and a trap does not push goes to the block too.
        b.Export("user_trap_tail");
        if (o.UsesVectors)
        {
            SaveVectors(c);
        }

        c.mov(rsp, __qword_ptr[rsp + TrapLayout.KernelRsp]);
        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbx);
        c.pop(rbp);
        c.ret();

        ExportAddress(o, "ArchSyscallEntry", "syscall_entry");
    }

    private static void LoadVectors(Assembler c)
    {
        for (int i = 0; i < TrapStubs.Xmm.Length; i++)
        {
            c.movaps(TrapStubs.Xmm[i], __xmmword_ptr[rdi + TrapLayout.Xmm + i * 16]);
        }

        c.ldmxcsr(__dword_ptr[rdi + TrapLayout.Mxcsr]);
    }

    private static void SaveVectors(Assembler c)
    {
        for (int i = 0; i < TrapStubs.Xmm.Length; i++)
        {
            c.movaps(__xmmword_ptr[rsp + TrapLayout.Xmm + i * 16], TrapStubs.Xmm[i]);
        }

        c.stmxcsr(__dword_ptr[rsp + TrapLayout.Mxcsr]);
        c.ldmxcsr(__dword_ptr.gs[PerCpuLayout.KernelMxcsr]);
    }

    private static void BuildFloatingPoint(StubObject o)
    {
        // void ArchSaveX87(byte* area) / ArchLoadX87(byte* area): 512 bytes, 16-byte aligned, within the block. Where the kernel leaves the vector registers alone, they stay the user's across entries, and go
        // to their place in the block and back with the rest.
        CodeBlock b = o.Code();
        b.Export("ArchSaveX87");
        b.Asm.fxsave64(__[rdi]);
        if (!o.UsesVectors)
        {
            b.Asm.mov(rdx, rdi);
            b.Asm.lea(rsi, __[rdx + ImageXmm]);
            b.Asm.lea(rdi, __[rdx + TrapLayout.Xmm - TrapLayout.X87]);
            b.Asm.mov(ecx, XmmWords);
            b.Asm.rep.movsq();
            b.Asm.mov(eax, __dword_ptr[rdx + ImageMxcsr]);
            b.Asm.mov(__dword_ptr[rdx + TrapLayout.Mxcsr - TrapLayout.X87], eax);
        }

        b.Asm.ret();
        b = o.Code();
        b.Export("ArchLoadX87");
        if (!o.UsesVectors)
        {
            b.Asm.mov(rdx, rdi);
            b.Asm.lea(rsi, __[rdx + TrapLayout.Xmm - TrapLayout.X87]);
            b.Asm.lea(rdi, __[rdx + ImageXmm]);
            b.Asm.mov(ecx, XmmWords);
            b.Asm.rep.movsq();
            b.Asm.mov(eax, __dword_ptr[rdx + TrapLayout.Mxcsr - TrapLayout.X87]);
            b.Asm.mov(__dword_ptr[rdx + ImageMxcsr], eax);
            b.Asm.mov(rdi, rdx);
        }

        b.Asm.fxrstor64(__[rdi]);
        b.Asm.ret();

        // void ArchLoadUserSegments(): DS, ES and FS null, and the user's GS (swapped out at the moment) too; the bases are set afterwards.
        b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchResetUserSegments");
        c.xor(eax, eax);
        c.mov(ds, ax);
        c.mov(es, ax);
        c.mov(fs, ax);
        c.swapgs();
        c.mov(gs, ax);
        c.swapgs();
        c.ret();
    }
}
