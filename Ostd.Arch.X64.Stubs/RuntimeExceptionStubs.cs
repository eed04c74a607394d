// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;
using static Ostd.Arch.X64.Stubs.RuntimeLayout;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// The two edges of exception dispatch: from a throw site into CoreLib's dispatcher, and from the dispatcher into funclets.
/// </summary>
/// <remarks>
/// <para>A throw thunk's frame, from RSP up: the context of the throw site, the ExInfo, padding. The unwinder knows it by the return address
/// <c>runtime_throw_return</c> and its fellows (Exceptions/StackFrameIterator.cs).</para>
/// <para>A funclet thunk's frame: the REGDISPLAY pointer, R15, R14, R13, R12, RBX, RBP, return address. The display holds values; a finally
/// funclet's changes are copied back to it, a catch funclet never returns there.</para>
/// </remarks>
internal sealed class RuntimeExceptionStubs : StubModule
{
    private const byte KindThrow = 1;
    private const byte KindHardwareFault = 2;
    private const int FrameSize = ContextSize + ExInfoSize + 8;

    public override CodeGenerator? OnlyFor => CodeGenerator.Ilc;

    public override void Build(StubObject o)
    {
        BuildThrow(o);
        BuildThrowHardware(o);
        BuildRethrow(o);
        BuildCatch(o);
        BuildFinally(o);
        BuildFilter(o);
    }

    // [DoesNotReturn] void RhpThrowEx(object exception)
    private static void BuildThrow(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("RhpThrowEx");
        c.mov(rax, __qword_ptr[rsp]);
        c.lea(rdx, __[rsp + 8]);
        c.sub(rsp, FrameSize);
        FillFrame(c, KindThrow);
        c.lea(rsi, __[rsp + ContextSize]);
        c.call(b.Symbol("RhThrowEx"));
        b.Export("runtime_throw_return");
        c.int3();
    }

    // The trap code arranges to come here as if called from the faulting instruction: RDI is the exception code, RSI the faulting address,
    // RSP and the callee-saved registers as they were at the fault.
    private static void BuildThrowHardware(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;
        b.Export("RhpThrowHwEx");
        c.mov(rax, rsi);
        c.mov(rdx, rsp);
        c.and(rsp, -16);
        c.sub(rsp, FrameSize + 8);
        FillFrame(c, KindHardwareFault);
        c.lea(rsi, __[rsp + ContextSize]);
        c.call(b.Symbol("RhThrowHwEx"));
        b.Export("runtime_throw_hardware_return");
        c.int3();
    }

    // [DoesNotReturn] void RhpRethrow(): the newest ExInfo of the thread is the one being handled.
    private static void BuildRethrow(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("RhpRethrow");
        c.mov(rax, __qword_ptr[rsp]);
        c.lea(rdx, __[rsp + 8]);
        c.sub(rsp, FrameSize);
        FillFrame(c, 0);
        c.lea(rsi, __[rsp + ContextSize]);
        c.mov(rdi, __qword_ptr[rsi + ExInfoPrevious]);
        c.call(b.Symbol("RhRethrow"));
        b.Export("runtime_rethrow_return");
        c.int3();
    }

    // RAX: address of the throw site, RDX: its RSP. Uses RAX, RCX, RDX.
    private static void FillFrame(Assembler c, byte kind)
    {
        c.mov(__qword_ptr[rsp + ContextIp], rax);
        c.mov(__qword_ptr[rsp + ContextRsp], rdx);
        c.mov(__qword_ptr[rsp + ContextRbp], rbp);
        c.mov(__qword_ptr[rsp + ContextRbx], rbx);
        c.mov(__qword_ptr[rsp + ContextR12], r12);
        c.mov(__qword_ptr[rsp + ContextR13], r13);
        c.mov(__qword_ptr[rsp + ContextR14], r14);
        c.mov(__qword_ptr[rsp + ContextR15], r15);
        c.xor(eax, eax);
        c.mov(__qword_ptr[rsp + ContextRax], rax);
        c.mov(__qword_ptr[rsp + ContextRdx], rax);

        c.mov(__qword_ptr[rsp + ContextSize + ExInfoException], rax);
        c.mov(__qword_ptr[rsp + ContextSize + ExInfoKind], rax);
        c.mov(__byte_ptr[rsp + ContextSize + ExInfoKind], kind);
        c.mov(__byte_ptr[rsp + ContextSize + ExInfoPassNumber], 1);
        c.mov(__dword_ptr[rsp + ContextSize + ExInfoCurrentClause], -1);
        c.mov(__qword_ptr[rsp + ContextSize + ExInfoNotifyDebuggerSp], rax);
        c.mov(__qword_ptr[rsp + ContextSize + ExInfoContext], rsp);
        c.mov(rdx, __qword_ptr.gs[PerCpuLayout.RuntimeThread]);
        c.mov(rcx, __qword_ptr[rdx + RuntimeThreadExInfoHead]);
        c.mov(__qword_ptr[rsp + ContextSize + ExInfoPrevious], rcx);
        c.lea(rcx, __[rsp + ContextSize]);
        c.mov(__qword_ptr[rdx + RuntimeThreadExInfoHead], rcx);
    }

    // [DoesNotReturn] nint RhpCallCatchFunclet(object exception, byte* handler, REGDISPLAY* display, ref ExInfo)
    private static void BuildCatch(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label next = c.CreateLabel();
        Label done = c.CreateLabel();
        b.Export("RhpCallCatchFunclet");
        EnterFuncletThunk(c, rdx);
        c.mov(rax, rsi);
        c.mov(rsi, rdi);
        c.mov(rdi, __qword_ptr[rdx + DisplaySp]);
        c.call(rax);
        b.Export("runtime_catch_return");

        // RAX: where the method goes on. Every exception begun below the frame that caught this one is over.
        c.pop(rdx);
        c.mov(rdx, __qword_ptr[rdx + DisplaySp]);
        c.mov(rcx, __qword_ptr.gs[PerCpuLayout.RuntimeThread]);
        c.mov(r8, __qword_ptr[rcx + RuntimeThreadExInfoHead]);
        c.Label(ref next);
        c.test(r8, r8);
        c.jz(done);
        c.cmp(r8, rdx);
        c.jae(done);
        c.mov(r8, __qword_ptr[r8 + ExInfoPrevious]);
        c.jmp(next);
        c.Label(ref done);
        c.mov(__qword_ptr[rcx + RuntimeThreadExInfoHead], r8);
        c.mov(rsp, rdx);
        c.jmp(rax);
    }

    // void RhpCallFinallyFunclet(byte* handler, REGDISPLAY* display)
    private static void BuildFinally(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("RhpCallFinallyFunclet");
        c.mov(rdx, rsi);
        EnterFuncletThunk(c, rdx);
        c.mov(rax, rdi);
        c.mov(rdi, __qword_ptr[rdx + DisplaySp]);
        c.call(rax);
        b.Export("runtime_finally_return");
        c.pop(rdx);
        c.mov(__qword_ptr[rdx + DisplayRbx], rbx);
        c.mov(__qword_ptr[rdx + DisplayRbp], rbp);
        c.mov(__qword_ptr[rdx + DisplayR12], r12);
        c.mov(__qword_ptr[rdx + DisplayR13], r13);
        c.mov(__qword_ptr[rdx + DisplayR14], r14);
        c.mov(__qword_ptr[rdx + DisplayR15], r15);
        LeaveFuncletThunk(c);
    }

    // bool RhpCallFilterFunclet(object exception, byte* filter, REGDISPLAY* display)
    private static void BuildFilter(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("RhpCallFilterFunclet");
        EnterFuncletThunk(c, rdx);
        c.mov(rax, rsi);
        c.mov(rsi, rdi);
        c.mov(rdi, __qword_ptr[rdx + DisplaySp]);
        c.call(rax);
        b.Export("runtime_filter_return");
        c.pop(rdx);
        LeaveFuncletThunk(c);
    }

    private static void EnterFuncletThunk(Assembler c, AssemblerRegister64 display)
    {
        c.push(rbp);
        c.push(rbx);
        c.push(r12);
        c.push(r13);
        c.push(r14);
        c.push(r15);
        c.push(display);
        c.mov(rbx, __qword_ptr[display + DisplayRbx]);
        c.mov(rbp, __qword_ptr[display + DisplayRbp]);
        c.mov(r12, __qword_ptr[display + DisplayR12]);
        c.mov(r13, __qword_ptr[display + DisplayR13]);
        c.mov(r14, __qword_ptr[display + DisplayR14]);
        c.mov(r15, __qword_ptr[display + DisplayR15]);
    }

    private static void LeaveFuncletThunk(Assembler c)
    {
        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbx);
        c.pop(rbp);
        c.ret();
    }
}
