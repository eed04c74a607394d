// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Access to the per-CPU block by single GS-relative instructions: neither an interrupt nor a migration can come between.</summary>
internal sealed class PerCpuStubs : StubModule
{
    public override void Build(StubObject o)
    {
        o.Bss("boot_per_cpu", PerCpuLayout.Size, 64);
        ExportAddress(o, "ArchBootPerCpu", "boot_per_cpu");

        Getter64(o, "ArchPerCpuSelf", PerCpuLayout.Self);
        Getter64(o, "ArchGetRuntimeThread", PerCpuLayout.RuntimeThread);
        Setter64(o, "ArchSetRuntimeThread", PerCpuLayout.RuntimeThread);
        Getter64(o, "ArchGetCurrentTask", PerCpuLayout.CurrentTask);
        Setter64(o, "ArchSetCurrentTask", PerCpuLayout.CurrentTask);
        Getter32(o, "ArchGetCpuId", PerCpuLayout.CpuId);
        Getter32(o, "ArchGetPreemptCount", PerCpuLayout.PreemptCount);
        Getter32(o, "ArchGetNeedReschedule", PerCpuLayout.NeedReschedule);
        Setter32(o, "ArchSetNeedReschedule", PerCpuLayout.NeedReschedule);
        Getter32(o, "ArchGetInInterrupt", PerCpuLayout.InInterrupt);
        Setter32(o, "ArchSetInInterrupt", PerCpuLayout.InInterrupt);

        Getter64(o, "ArchGetCpuHeap", PerCpuLayout.CpuHeap);
        Setter64(o, "ArchSetCpuHeap", PerCpuLayout.CpuHeap);
        Setter64(o, "ArchSetAllocationCache", PerCpuLayout.AllocationCache);

        Assembler c = Function(o, "ArchDisablePreemption");
        c.inc(__dword_ptr.gs[PerCpuLayout.PreemptCount]);
        c.ret();

        // int ArchEnablePreemption(): positive when the count fell to 0 and the task should give way, negative when it fell below 0
        c = Function(o, "ArchEnablePreemption");
        EnablePreemption(c);

        // int ArchTakeWithoutPreemption(ref int holder): 0, or who holds the lock. In this order: an interrupt before the exchange must not migrate the task.
        c = Function(o, "ArchTakeWithoutPreemption");
        c.inc(__dword_ptr.gs[PerCpuLayout.PreemptCount]);
#if OSTD_UNCHECKED
        c.mov(ecx, 1);
#else
        c.mov(ecx, __dword_ptr.gs[PerCpuLayout.HolderId]);
#endif
        c.xor(eax, eax);
        c.@lock.cmpxchg(__dword_ptr[rdi], ecx);
        c.ret();

        // int ArchReleaseAndEnablePreemption(ref int holder): as ArchEnablePreemption; negative if this CPU is not the holder, which is the kernel's end
        c = Function(o, "ArchReleaseAndEnablePreemption");
#if OSTD_UNCHECKED
        c.mov(__dword_ptr[rdi], 0);
        EnablePreemption(c);
#else
        Label notHolder = c.CreateLabel();
        // The holder's number taken from itself is 0: this compares and frees in one. The CPU that holds it is the only one that changes the word.
        c.mov(ecx, __dword_ptr.gs[PerCpuLayout.HolderId]);
        c.sub(__dword_ptr[rdi], ecx);
        c.jne(notHolder);
        EnablePreemption(c);
        c.Label(ref notHolder);
        c.add(__dword_ptr[rdi], ecx);
        c.mov(eax, -1);
        c.ret();
#endif
    }

    private static void EnablePreemption(Assembler c)
    {
        Label zero = c.CreateLabel();
        c.dec(__dword_ptr.gs[PerCpuLayout.PreemptCount]);
        c.jz(zero);
        c.sets(al);
        c.movzx(eax, al);
        c.neg(eax);
        c.ret();
        c.Label(ref zero);
        c.mov(ecx, __dword_ptr.gs[PerCpuLayout.NeedReschedule]); // RCX, because RAX would get the form with a 64-bit address
        c.mov(eax, ecx);
        c.ret();
    }

    private static Assembler Function(StubObject o, string name)
    {
        CodeBlock b = o.Code();
        b.Export(name);
        return b.Asm;
    }

    private static void Getter64(StubObject o, string name, int offset)
    {
        Assembler c = Function(o, name);
        c.mov(rcx, __qword_ptr.gs[offset]); // RCX, because RAX would get the form with a 64-bit address
        c.mov(rax, rcx);
        c.ret();
    }

    private static void Setter64(StubObject o, string name, int offset)
    {
        Assembler c = Function(o, name);
        c.mov(__qword_ptr.gs[offset], rdi);
        c.ret();
    }

    private static void Getter32(StubObject o, string name, int offset)
    {
        Assembler c = Function(o, name);
        c.mov(ecx, __dword_ptr.gs[offset]);
        c.mov(eax, ecx);
        c.ret();
    }

    private static void Setter32(StubObject o, string name, int offset)
    {
        Assembler c = Function(o, name);
        c.mov(__dword_ptr.gs[offset], edi);
        c.ret();
    }
}
