// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>What a write barrier does while a collection marks: the stored object becomes grey (an insertion barrier, after Dijkstra and others, 1978).</summary>
/// <remarks>
/// Compiled code relies on a barrier to keep nearly all registers, so everything is saved here. Interrupts are off from the look at the state to the push, because a marking
/// ends while the other CPUs stand still, and a mark of the epoch before must not be set after it.
/// </remarks>
internal sealed class WriteBarrierStubs : StubModule
{
    private const int Marking = 0;
    private const int Epoch = 4;
    private const int MainRegion = 8;
    private const int BootRegion = 32;
    private const int RegionBase = 0;
    private const int RegionUsedBytes = 8;
    private const int RegionInfos = 16;
    private const int StateSize = 56;

    private static readonly AssemblerRegister64[] s_callerSaved = [rdi, rsi, r9, r10, r11];

    public override void Build(StubObject o)
    {
        o.Bss("runtime_barrier_state", StateSize, 64);
        ExportAddress(o, "ArchBarrierState", "runtime_barrier_state");

        CodeBlock b = o.Code(entryFrameSize: 16);
        Assembler c = b.Asm;
        ulong state = b.Symbol("runtime_barrier_state");
        Label inRegion = c.CreateLabel();
        Label done = c.CreateLabel();
        Label slow = c.CreateLabel();

        // Jumped to from a barrier: RAX is the reference, its own value is on the stack above the return address.
        b.Export("runtime_shade");
        c.push(rcx);
        c.push(rdx);
        c.push(r8);
        c.pushfq();
        c.cli();
        c.cmp(__byte_ptr[state + Marking], 0);
        c.je(done);
        c.mov(rcx, rax);
        c.sub(rcx, __qword_ptr[state + MainRegion + RegionBase]);
        c.mov(rdx, __qword_ptr[state + MainRegion + RegionInfos]);
        c.cmp(rcx, __qword_ptr[state + MainRegion + RegionUsedBytes]);
        c.jb(inRegion);
        c.mov(rcx, rax);
        c.sub(rcx, __qword_ptr[state + BootRegion + RegionBase]);
        c.mov(rdx, __qword_ptr[state + BootRegion + RegionInfos]);
        c.cmp(rcx, __qword_ptr[state + BootRegion + RegionUsedBytes]);
        c.jae(done); // null, or frozen

        c.Label(ref inRegion);
        c.sub(rcx, RuntimeLayout.ObjectHeaderSize);
        c.mov(r8, rcx);
        c.shr(r8, RuntimeLayout.BlockShift);
        c.imul(r8, r8, RuntimeLayout.BlockInfoSize);
        c.add(rdx, r8);
        c.cmp(__byte_ptr[rdx + RuntimeLayout.BlockInfoKind], RuntimeLayout.BlockKindSmall);
        c.jne(slow);
        c.and(ecx, (1 << RuntimeLayout.BlockShift) - 1);
        c.mov(r8d, __dword_ptr[rdx + RuntimeLayout.BlockInfoReciprocal]);
        c.imul(rcx, r8);
        c.shr(rcx, 32);
        c.movzx(r8d, __byte_ptr[state + Epoch]);
        c.cmp(__byte_ptr[rdx + rcx + RuntimeLayout.BlockInfoState], r8b);
        c.je(done);

        // White. The grey segment may be full or missing: C# does it all then.
        c.push(rbx);
        c.lea(rcx, __[rdx + rcx + RuntimeLayout.BlockInfoState]);
        c.mov(rbx, __qword_ptr.gs[PerCpuLayout.CpuHeap]);
        Label slowWithRbx = c.CreateLabel();
        Label noPush = c.CreateLabel();
        c.test(rbx, rbx);
        c.jz(slowWithRbx);
        c.mov(rbx, __qword_ptr[rbx + RuntimeLayout.CpuHeapGreySegment]);
        c.mov(rdx, __qword_ptr[rbx + RuntimeLayout.GreySegmentCount]);
        c.cmp(rdx, RuntimeLayout.GreySegmentCapacity);
        c.jae(slowWithRbx);
        c.mov(__byte_ptr[rcx], r8b);
        c.mov(rcx, __qword_ptr[rax]);
        c.test(__dword_ptr[rcx], RuntimeLayout.MethodTableHasPointers);
        c.jz(noPush);
        c.mov(__qword_ptr[rbx + rdx * 8 + RuntimeLayout.GreySegmentEntries], rax);
        c.inc(rdx);
        c.mov(__qword_ptr[rbx + RuntimeLayout.GreySegmentCount], rdx);
        c.Label(ref noPush);
        c.pop(rbx);

        c.Label(ref done);
        c.popfq();
        c.pop(r8);
        c.pop(rdx);
        c.pop(rcx);
        c.pop(rax);
        c.ret();

        c.Label(ref slowWithRbx);
        c.pop(rbx);
        c.Label(ref slow);
        BuildCall(b, o.UsesVectors);
        c.jmp(done);
    }

    // RuntimeShade(reference in RAX), all registers kept.
    private static void BuildCall(CodeBlock b, bool usesVectors)
    {
        Assembler c = b.Asm;
        foreach (AssemblerRegister64 register in s_callerSaved)
        {
            c.push(register);
        }

        c.push(rbp);
        c.mov(rbp, rsp);
        c.and(rsp, -16);
        TrapStubs.SaveVectors(c, usesVectors);
        c.cld();
        c.mov(rdi, rax);
        c.call(b.Symbol("RuntimeShade"));
        TrapStubs.LoadVectors(c, usesVectors);
        c.mov(rsp, rbp);
        c.pop(rbp);
        for (int i = s_callerSaved.Length - 1; i >= 0; i--)
        {
            c.pop(s_callerSaved[i]);
        }
    }
}
