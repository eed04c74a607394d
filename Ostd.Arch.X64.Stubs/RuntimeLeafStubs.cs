// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// Helpers that compiled code calls with its own pointers: write barriers, atomic exchanges of references, block copies and fills.
/// </summary>
/// <remarks>
/// All stand between <c>runtime_leaf_start</c> and <c>runtime_leaf_end</c> and change RSP nowhere, so that a fault in one of them can be charged to
/// its caller: the return address is at [RSP]. (What follows a store can, it does not fault.) References move in whole 8-byte units, so that another CPU's collector
/// never sees half of one.
/// </remarks>
internal sealed class RuntimeLeafStubs : StubModule
{
    public override void Build(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("runtime_leaf_start");
        c.int3();

        BuildBarriers(b);
        BlockStubs.Build(b, o.UsesVectors);
        BuildBulkMove(b);
        if (o.CodeGenerator == CodeGenerator.Ilc)
        {
            BuildDispatchProbes(b);
        }

        b.Export("runtime_leaf_end");
        c.int3();
    }

    // A barrier stores first and looks then whether a collection marks: so a marking that starts in between either sees the store, or is seen. What was
    // stored is shaded (WriteBarrierStubs); until then it is in a register, where the collection finds it.
    private static void BuildBarriers(CodeBlock b)
    {
        Assembler c = b.Asm;

        // (destination, reference); the second where the destination may lie outside the heap.
        Label shadeAssigned = c.CreateLabel();
        b.Export("RhpAssignRef");
        b.Export("RhpCheckedAssignRef");
        c.mov(__qword_ptr[rdi], rsi);
        c.cmp(__byte_ptr[b.Symbol("runtime_barrier_state")], 0);
        c.jne(shadeAssigned);
        c.ret();
        c.Label(ref shadeAssigned);
        c.push(rax);
        c.mov(rax, rsi);
        c.jmp(b.Symbol("runtime_shade"));

        // Copies *RSI to *RDI and advances both; only RCX is scratch.
        Label shadeCopied = c.CreateLabel();
        b.Export("RhpByRefAssignRef");
        c.mov(rcx, __qword_ptr[rsi]);
        c.mov(__qword_ptr[rdi], rcx);
        c.add(rdi, 8);
        c.add(rsi, 8);
        c.cmp(__byte_ptr[b.Symbol("runtime_barrier_state")], 0);
        c.jne(shadeCopied);
        c.ret();
        c.Label(ref shadeCopied);
        c.push(rax);
        c.mov(rax, rcx);
        c.jmp(b.Symbol("runtime_shade"));

        // object (location, value, comparand)
        b.Export("RhpCheckedLockCmpXchg");
        c.mov(rax, rdx);
        c.@lock.cmpxchg(__qword_ptr[rdi], rsi);
        c.cmp(__byte_ptr[b.Symbol("runtime_barrier_state")], 0);
        c.jne(shadeAssigned);
        c.ret();

        // object (location, value)
        b.Export("RhpCheckedXchg");
        c.mov(rax, rsi);
        c.xchg(__qword_ptr[rdi], rax);
        c.cmp(__byte_ptr[b.Symbol("runtime_barrier_state")], 0);
        c.jne(shadeAssigned);
        c.ret();
    }

    // void RhBulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint size): size is a multiple of 8, both are aligned to 8.
    // In pieces with interrupts off, each shaded before they are on again: references that were copied and not yet shaded are in no register, so the end of a
    // marking must not come in between. Null pointers fault before that.
    private static void BuildBulkMove(CodeBlock b)
    {
        const int pieceSize = 512;
        const int interruptFlag = 0x200;
        Assembler c = b.Asm;
        Label piece = c.CreateLabel();
        Label forward = c.CreateLabel();
        Label backward = c.CreateLabel();
        Label copied = c.CreateLabel();
        Label restore = c.CreateLabel();
        Label next = c.CreateLabel();
        Label shade = c.CreateLabel();
        Label done = c.CreateLabel();

        b.Export("RhBulkMoveWithWriteBarrier");
        c.test(rdx, rdx);
        c.jz(done);
        c.cmp(__byte_ptr[rdi], al);
        c.cmp(__byte_ptr[rsi], al);
        c.Label(ref piece);
        c.mov(r8d, pieceSize);
        c.cmp(rdx, r8);
        c.cmovb(r8, rdx);
        c.pushfq();
        c.pop(r9);
        c.cli();
        c.mov(rcx, rdi);
        c.sub(rcx, rsi);
        c.cmp(rcx, rdx);
        c.jb(backward);

        // The first R8 bytes. R10 is where they begin.
        c.mov(r10, rdi);
        c.lea(r11, __[rsi + r8]);
        c.Label(ref forward);
        c.mov(rcx, __qword_ptr[rsi]);
        c.mov(__qword_ptr[rdi], rcx);
        c.add(rsi, 8);
        c.add(rdi, 8);
        c.cmp(rsi, r11);
        c.jb(forward);
        c.jmp(copied);

        // The last R8 bytes.
        Label backwardLoop = c.CreateLabel();
        c.Label(ref backward);
        c.mov(r11, rdx);
        c.sub(r11, r8);
        c.lea(r10, __[rdi + r11]);
        c.mov(rax, rdx);
        c.Label(ref backwardLoop);
        c.mov(rcx, __qword_ptr[rsi + rax - 8]);
        c.mov(__qword_ptr[rdi + rax - 8], rcx);
        c.sub(rax, 8);
        c.cmp(rax, r11);
        c.ja(backwardLoop);

        c.Label(ref copied);
        c.cmp(__byte_ptr[b.Symbol("runtime_barrier_state")], 0);
        c.jne(shade);
        c.Label(ref restore);
        c.test(r9d, interruptFlag);
        c.jz(next);
        c.sti();
        c.Label(ref next);
        c.sub(rdx, r8);
        c.jnz(piece);
        c.Label(ref done);
        c.ret();

        c.Label(ref shade);
        c.push(rdi);
        c.push(rsi);
        c.push(rdx);
        c.push(r8);
        c.push(r9);
        c.mov(rdi, r10);
        c.mov(rsi, r8);
        c.call(b.Symbol("RuntimeShadeRange"));
        c.pop(r9);
        c.pop(r8);
        c.pop(rdx);
        c.pop(rsi);
        c.pop(rdi);
        c.jmp(restore);
    }

    // The first use of an interface call site. The cell is in R10 and 'this' in RDI; it is touched here, where a null one is charged to the
    // caller, before the slow path builds a frame.
    private static void BuildDispatchProbes(CodeBlock b)
    {
        Assembler c = b.Asm;
        Label next = c.CreateLabel();
        Label miss = c.CreateLabel();

        // Later uses: [R10+8] is a dispatch cache { MethodTable*, target } ... ended by a null MethodTable (see Dispatch/DispatchCache.cs).
        // The whole cache is replaced by one store, so that pointer is read once.
        b.Export("RhpCachedInterfaceDispatch");
        c.mov(rax, __qword_ptr[rdi]);
        c.mov(r11, __qword_ptr[r10 + 8]);
        c.cmp(rax, __qword_ptr[r11 + 16]);
        c.jne(next);
        c.jmp(__qword_ptr[r11 + 24]);
        c.Label(ref next);
        c.add(r11, 16);
        c.cmp(__qword_ptr[r11 + 16], 0);
        c.je(miss);
        c.cmp(rax, __qword_ptr[r11 + 16]);
        c.jne(next);
        c.jmp(__qword_ptr[r11 + 24]);
        c.Label(ref miss);
        c.jmp(b.Symbol("runtime_dispatch_slow"));

        b.Export("RhpInitialDynamicInterfaceDispatch");
        c.cmp(__dword_ptr[rdi], edi);
        c.jmp(b.Symbol("runtime_dispatch_slow"));
    }
}
