// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The few things Ostd.Runtime asks of a CPU, and the helpers that compiled code calls outside of exceptions and copies.</summary>
internal sealed class RuntimeCpuStubs : StubModule
{
    public override void Build(StubObject o)
    {
        BuildInterrupts(o);
        BuildCollectEntry(o);
        BuildCounter(o);
        BuildTransitions(o);
        BuildStackProbe(o);
        if (o.UsesVectors)
        {
            BuildConversions(o);
        }

        o.Data(".data", 8).Export("RhpTrapThreads").Int64(0).Export("g_cpuFeatures").Int64(0);
        // The value of GCC's and glibc's convention of a zero byte first: a string overrun cannot reproduce it. Boot mixes the counter in.
        o.Data(".data", 8).Export("__security_cookie").Int64(0x9d3f_51c2_8ae6_4b00);
    }

    private static void BuildInterrupts(StubObject o)
    {
        // void ArchRestoreInterrupts(nuint flags): switches them on again if they were on (ArchDisableInterrupts told).
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label off = c.CreateLabel();
        b.Export("ArchRestoreInterrupts");
        c.test(edi, 0x200); // RFLAGS.IF
        c.jz(off);
        c.sti();
        c.Label(ref off);
        c.ret();
    }

    // void ArchCallWithSavedRegisters(delegate*<nuint stackPointer, nuint argument, void> function, nuint argument): the callee-saved registers lie on
    // the stack, at and above stackPointer, while the function runs. The others are dead at a call.
    private static void BuildCollectEntry(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        b.Export("ArchCallWithSavedRegisters");
        c.push(rbp);
        c.push(rbx);
        c.push(r12);
        c.push(r13);
        c.push(r14);
        c.push(r15);
        c.push(rbp);
        c.mov(rax, rdi);
        c.lea(rdi, __[rsp + 8]);
        c.call(rax);
        c.add(rsp, 8);
        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbx);
        c.pop(rbp);
        c.ret();
    }

    private static void BuildCounter(StubObject o)
    {
        CodeBlock b = o.Code();
        b.Export("ArchReadCycleCounter");
        b.Asm.rdtsc();
        b.Asm.shl(rdx, 32);
        b.Asm.or(rax, rdx);
        b.Asm.ret();
    }

    // There is no unmanaged code to come from or go to: a P/Invoke is an ordinary call, and a stop of the world interrupts.
    private static void BuildTransitions(StubObject o)
    {
        foreach (string name in (string[])["RhpPInvoke", "RhpPInvokeReturn", "RhpReversePInvoke", "RhpReversePInvokeReturn", "RhpGcPoll"])
        {
            CodeBlock b = o.Code();
            b.Export(name);
            b.Asm.ret();
        }
    }

    // A frame of more than a page touches its pages downwards before it uses them, so that it cannot step over the guard page.
    // R11 is the new RSP; all other registers are preserved.
    private static void BuildStackProbe(StubObject o)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label next = c.CreateLabel();
        b.Export("RhpStackProbe");
        c.push(rbp);
        c.mov(rbp, rsp);
        c.and(rsp, -4096);
        c.Label(ref next);
        c.sub(rsp, 4096);
        c.test(__dword_ptr[rsp], eax);
        c.cmp(rsp, r11);
        c.jg(next);
        c.mov(rsp, rbp);
        c.pop(rbp);
        c.ret();
    }

    // Floating point to integer, saturating, NaN to 0 (ECMA-335 leaves it open; .NET 9 fixed it so).
    private static void BuildConversions(StubObject o)
    {
        BuildSaturating(o, "RhpDbl2Int", int.MinValue, int.MaxValue, -2147483649.0, 2147483648.0);
        BuildSaturating(o, "RhpDbl2UInt", 0, uint.MaxValue, -1.0, 4294967296.0);
        BuildSaturating(o, "RhpDbl2Lng", long.MinValue, long.MaxValue, -9223372036854777856.0, 9223372036854775808.0);

        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label large = c.CreateLabel();
        Label zero = c.CreateLabel();
        Label overflow = c.CreateLabel();
        b.Export("RhpDbl2ULng");
        c.xorpd(xmm1, xmm1);
        c.ucomisd(xmm0, xmm1);
        c.jp(zero);
        c.jbe(zero);
        LoadDouble(c, xmm1, 9223372036854775808.0);
        c.ucomisd(xmm0, xmm1);
        c.jae(large);
        c.cvttsd2si(rax, xmm0);
        c.ret();
        c.Label(ref large);
        c.subsd(xmm0, xmm1);
        c.ucomisd(xmm0, xmm1);
        c.jae(overflow);
        c.cvttsd2si(rax, xmm0);
        c.btc(rax, 63);
        c.ret();
        c.Label(ref overflow);
        c.mov(rax, -1);
        c.ret();
        c.Label(ref zero);
        c.xor(eax, eax);
        c.ret();
    }

    // Values strictly between the two limits convert exactly; the others saturate.
    private static void BuildSaturating(StubObject o, string name, long minimum, long maximum, double belowMinimum, double aboveMaximum)
    {
        CodeBlock b = o.Code();
        Assembler c = b.Asm;
        Label low = c.CreateLabel();
        Label high = c.CreateLabel();
        Label zero = c.CreateLabel();
        b.Export(name);
        LoadDouble(c, xmm1, aboveMaximum);
        c.ucomisd(xmm0, xmm1);
        c.jp(zero);
        c.jae(high);
        LoadDouble(c, xmm1, belowMinimum);
        c.ucomisd(xmm0, xmm1);
        c.jbe(low);
        c.cvttsd2si(rax, xmm0);
        c.ret();
        c.Label(ref low);
        c.mov(rax, minimum);
        c.ret();
        c.Label(ref high);
        c.mov(rax, maximum);
        c.ret();
        c.Label(ref zero);
        c.xor(eax, eax);
        c.ret();
    }

    private static void LoadDouble(Assembler c, AssemblerRegisterXMM target, double value)
    {
        c.mov(rax, System.BitConverter.DoubleToInt64Bits(value));
        c.movq(target, rax);
    }
}
