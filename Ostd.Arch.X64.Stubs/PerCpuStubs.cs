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
        Getter32(o, "ArchGetPreemption", PerCpuLayout.Preemption);
        Getter32(o, "ArchGetInInterrupt", PerCpuLayout.InInterrupt);
        Setter32(o, "ArchSetInInterrupt", PerCpuLayout.InInterrupt);

        Getter64(o, "ArchGetCpuHeap", PerCpuLayout.CpuHeap);
        Setter64(o, "ArchSetCpuHeap", PerCpuLayout.CpuHeap);
        Setter64(o, "ArchSetAllocationCache", PerCpuLayout.AllocationCache);

        // void ArchSetNeedReschedule(int value)
        Assembler c = Function(o, "ArchSetNeedReschedule");
        Label isNeeded = c.CreateLabel();
        c.test(edi, edi);
        c.jne(isNeeded);
        c.or(__dword_ptr.gs[PerCpuLayout.Preemption], 1);
        c.ret();
        c.Label(ref isNeeded);
        c.and(__dword_ptr.gs[PerCpuLayout.Preemption], ~1);
        c.ret();

        c = Function(o, "ArchDisablePreemption");
        c.add(__dword_ptr.gs[PerCpuLayout.Preemption], 2);
        c.ret();

        // int ArchEnablePreemption(): PerCpuLayout.GiveWay when the count fell to 0 and the task should give way, -1 when it fell below 0, else 0
        c = Function(o, "ArchEnablePreemption");
        Label rare = c.CreateLabel();
        Label below = c.CreateLabel();
        c.sub(__dword_ptr.gs[PerCpuLayout.Preemption], 2);
        c.jle(rare);
        c.xor(eax, eax);
        c.ret();
        c.Label(ref rare);
        c.js(below);
        c.mov(eax, PerCpuLayout.GiveWay);
        c.ret();
        c.Label(ref below);
        c.mov(eax, -1);
        c.ret();

        // int ArchTakeWithoutPreemption(ref int holder): 0, or who holds the lock. In this order: an interrupt before the exchange must not migrate the task.
        c = Function(o, "ArchTakeWithoutPreemption");
        c.add(__dword_ptr.gs[PerCpuLayout.Preemption], 2);
#if OSTD_UNCHECKED
        c.mov(ecx, 1);
#else
        c.mov(ecx, __dword_ptr.gs[PerCpuLayout.HolderId]);
#endif
        c.xor(eax, eax);
        c.@lock.cmpxchg(__dword_ptr[rdi], ecx);
        c.ret();

        // int ArchReleaseAndEnablePreemption(ref int holder): 0; PerCpuLayout.GiveWay; anything else when this CPU is not the holder, which is the kernel's end
        c = Function(o, "ArchReleaseAndEnablePreemption");
        Label rareRelease = c.CreateLabel();
        Label notHolder = c.CreateLabel();
#if OSTD_UNCHECKED
        c.mov(__dword_ptr[rdi], 0);
        c.sub(__dword_ptr.gs[PerCpuLayout.Preemption], 2);
        c.jle(rareRelease);
        c.xor(eax, eax);
        c.ret();
        c.Label(ref rareRelease);
#else
        // The difference is what frees the lock, and the answer: 0 for the holder, which is the only one that changes the word. For anybody else it is neither 0 nor a holder's number (ThisCpu.HolderIdOf): such a lock is
        // nobody's for ever, and its caller panics.
        c.mov(eax, __dword_ptr[rdi]);
        c.sub(eax, __dword_ptr.gs[PerCpuLayout.HolderId]);
        c.mov(__dword_ptr[rdi], eax);
        c.sub(__dword_ptr.gs[PerCpuLayout.Preemption], 2);
        c.jle(rareRelease);
        c.ret();
        c.Label(ref rareRelease);
        c.test(eax, eax);
        c.jne(notHolder);
#endif
        c.mov(eax, PerCpuLayout.GiveWay);
        c.Label(ref notHolder);
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
