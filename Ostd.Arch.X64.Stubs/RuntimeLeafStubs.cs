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
        if (o.UsesVectors)
        {
            BuildMemmove(b);
            BuildMemset(b);
        }
        else
        {
            PlainCopyStubs.Build(b);
        }

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

    // void* memmove(void* destination, void* source, nuint size): overlapping heads and tails below 65 bytes, 64-byte steps above.
    private static void BuildMemmove(CodeBlock b)
    {
        Assembler c = b.Asm;
        Label from17 = c.CreateLabel();
        Label from33 = c.CreateLabel();
        Label from65 = c.CreateLabel();
        Label below8 = c.CreateLabel();
        Label below4 = c.CreateLabel();
        Label done = c.CreateLabel();
        Label backward = c.CreateLabel();
        Label forwardLoop = c.CreateLabel();
        Label forwardTail = c.CreateLabel();
        Label backwardLoop = c.CreateLabel();
        Label backwardTail = c.CreateLabel();

        b.Export("memcpy");
        b.Export("memmove");
        c.mov(rax, rdi);
        c.cmp(rdx, 16);
        c.ja(from17);
        c.cmp(rdx, 8);
        c.jb(below8);
        c.mov(rcx, __qword_ptr[rsi]);
        c.mov(r8, __qword_ptr[rsi + rdx - 8]);
        c.mov(__qword_ptr[rdi], rcx);
        c.mov(__qword_ptr[rdi + rdx - 8], r8);
        c.ret();
        c.Label(ref below8);
        c.cmp(rdx, 4);
        c.jb(below4);
        c.mov(ecx, __dword_ptr[rsi]);
        c.mov(r8d, __dword_ptr[rsi + rdx - 4]);
        c.mov(__dword_ptr[rdi], ecx);
        c.mov(__dword_ptr[rdi + rdx - 4], r8d);
        c.ret();
        c.Label(ref below4);
        c.test(rdx, rdx);
        c.jz(done);
        // One to three bytes: first, middle and last, which may coincide; all are read before any is written.
        c.mov(r10, rdx);
        c.shr(r10, 1);
        c.movzx(ecx, __byte_ptr[rsi]);
        c.movzx(r8d, __byte_ptr[rsi + r10]);
        c.movzx(r9d, __byte_ptr[rsi + rdx - 1]);
        c.mov(__byte_ptr[rdi], cl);
        c.mov(__byte_ptr[rdi + r10], r8b);
        c.mov(__byte_ptr[rdi + rdx - 1], r9b);
        c.Label(ref done);
        c.ret();

        c.Label(ref from17);
        c.cmp(rdx, 32);
        c.ja(from33);
        c.movups(xmm0, __xmmword_ptr[rsi]);
        c.movups(xmm1, __xmmword_ptr[rsi + rdx - 16]);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.movups(__xmmword_ptr[rdi + rdx - 16], xmm1);
        c.ret();
        c.Label(ref from33);
        c.cmp(rdx, 64);
        c.ja(from65);
        c.movups(xmm0, __xmmword_ptr[rsi]);
        c.movups(xmm1, __xmmword_ptr[rsi + 16]);
        c.movups(xmm2, __xmmword_ptr[rsi + rdx - 32]);
        c.movups(xmm3, __xmmword_ptr[rsi + rdx - 16]);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.movups(__xmmword_ptr[rdi + 16], xmm1);
        c.movups(__xmmword_ptr[rdi + rdx - 32], xmm2);
        c.movups(__xmmword_ptr[rdi + rdx - 16], xmm3);
        c.ret();

        c.Label(ref from65);
        c.mov(rcx, rdi);
        c.sub(rcx, rsi);
        c.cmp(rcx, rdx);
        c.jb(backward);

        // Forward: the last 64 bytes are read before the loop can overwrite them and written after it.
        c.lea(r8, __[rsi + rdx - 64]);
        c.lea(r9, __[rdi + rdx - 64]);
        LoadFour(c, r8, 4);
        c.Label(ref forwardLoop);
        c.cmp(rsi, r8);
        c.jae(forwardTail);
        LoadFour(c, rsi, 0);
        StoreFour(c, rdi, 0);
        c.add(rsi, 64);
        c.add(rdi, 64);
        c.jmp(forwardLoop);
        c.Label(ref forwardTail);
        StoreFour(c, r9, 4);
        c.ret();

        // Backward: likewise with the first 64 bytes.
        c.Label(ref backward);
        c.mov(r8, rsi);
        c.mov(r9, rdi);
        LoadFour(c, r8, 4);
        c.lea(rsi, __[rsi + rdx - 64]);
        c.lea(rdi, __[rdi + rdx - 64]);
        c.Label(ref backwardLoop);
        c.cmp(rsi, r8);
        c.jbe(backwardTail);
        LoadFour(c, rsi, 0);
        StoreFour(c, rdi, 0);
        c.sub(rsi, 64);
        c.sub(rdi, 64);
        c.jmp(backwardLoop);
        c.Label(ref backwardTail);
        StoreFour(c, r9, 4);
        c.ret();
    }

    private static readonly AssemblerRegisterXMM[] s_xmm = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7];

    private static void LoadFour(Assembler c, AssemblerRegister64 source, int first)
    {
        for (int i = 0; i < 4; i++)
        {
            c.movups(s_xmm[first + i], __xmmword_ptr[source + i * 16]);
        }
    }

    private static void StoreFour(Assembler c, AssemblerRegister64 destination, int first)
    {
        for (int i = 0; i < 4; i++)
        {
            c.movups(__xmmword_ptr[destination + i * 16], s_xmm[first + i]);
        }
    }

    // void* memset(void* destination, int value, nuint size); ref byte RhpGcSafeZeroMemory(ref byte destination, nuint size)
    private static void BuildMemset(CodeBlock b)
    {
        Assembler c = b.Asm;
        Label fill = c.CreateLabel();
        Label from17 = c.CreateLabel();
        Label below8 = c.CreateLabel();
        Label below4 = c.CreateLabel();
        Label below2 = c.CreateLabel();
        Label done = c.CreateLabel();
        Label blocks = c.CreateLabel();
        Label loop = c.CreateLabel();
        Label tail = c.CreateLabel();

        b.Export("RhpGcSafeZeroMemory");
        c.mov(rdx, rsi);
        c.xor(ecx, ecx);
        c.jmp(fill);

        b.Export("memset");
        c.movzx(ecx, sil);
        c.mov(r8, 0x0101_0101_0101_0101L);
        c.imul(rcx, r8);
        c.Label(ref fill);
        c.mov(rax, rdi);
        c.cmp(rdx, 16);
        c.ja(from17);
        c.cmp(rdx, 8);
        c.jb(below8);
        c.mov(__qword_ptr[rdi], rcx);
        c.mov(__qword_ptr[rdi + rdx - 8], rcx);
        c.ret();
        c.Label(ref below8);
        c.cmp(rdx, 4);
        c.jb(below4);
        c.mov(__dword_ptr[rdi], ecx);
        c.mov(__dword_ptr[rdi + rdx - 4], ecx);
        c.ret();
        c.Label(ref below4);
        c.cmp(rdx, 2);
        c.jb(below2);
        c.mov(__word_ptr[rdi], cx);
        c.mov(__word_ptr[rdi + rdx - 2], cx);
        c.ret();
        c.Label(ref below2);
        c.test(rdx, rdx);
        c.jz(done);
        c.mov(__byte_ptr[rdi], cl);
        c.Label(ref done);
        c.ret();

        c.Label(ref from17);
        c.movq(xmm0, rcx);
        c.punpcklqdq(xmm0, xmm0);
        c.lea(r9, __[rdi + rdx - 16]);
        c.lea(r10, __[rdi + rdx - 64]);
        c.cmp(rdx, 64);
        c.jb(loop);
        c.Label(ref blocks);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.movups(__xmmword_ptr[rdi + 16], xmm0);
        c.movups(__xmmword_ptr[rdi + 32], xmm0);
        c.movups(__xmmword_ptr[rdi + 48], xmm0);
        c.add(rdi, 64);
        c.cmp(rdi, r10);
        c.jbe(blocks);
        c.Label(ref loop);
        c.cmp(rdi, r9);
        c.jae(tail);
        c.movups(__xmmword_ptr[rdi], xmm0);
        c.add(rdi, 16);
        c.jmp(loop);
        c.Label(ref tail);
        c.movups(__xmmword_ptr[r9], xmm0);
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
