// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// The 256 vectors. All come to the same frame (<see cref="TrapLayout"/>).
/// </summary>
/// <remarks>
/// <para>From the kernel: the frame lies on the interrupted stack, XMM0-15 below it where the kernel's code uses them (ilc's does), and <c>KernelTrap(frame)</c> of Ostd.Core runs.
/// The CPU aligns RSP to 16 before it pushes; five words, error code, vector and fifteen registers later RSP is aligned again.</para>
/// <para>From user mode: the task state segment's RSP0 points into the register block of the user thread, so that the pushes themselves save its registers. The stub
/// saves XMM and MXCSR and goes on with the kernel stack that <c>ArchEnterUser</c> left: a trap is the return of that call.</para>
/// <para>SWAPGS: exactly one on each crossing of the privilege boundary, decided by the saved CS. NMI, #DF and #MC can come between a crossing and its SWAPGS; they run on
/// stacks of their own and look at the GS base itself, which is negative in the kernel and cannot be in user mode (FSGSBASE is off).</para>
/// </remarks>
internal sealed class TrapStubs : StubModule
{
    private const int VectorCount = 256;
    private const int GsBaseMsr = unchecked((int)0xc000_0101);

    internal static readonly AssemblerRegister64[] PushOrder = [rdi, rsi, rdx, rcx, rax, r8, r9, r10, r11, rbx, rbp, r12, r13, r14, r15];

    internal static readonly AssemblerRegisterXMM[] Xmm =
        [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    public override void Build(StubObject o)
    {
        BuildCommon(o);
        BuildParanoid(o);
        BuildVectors(o);
        TrapFrameInformation.Build(o, "trap_common_return", "trap_paranoid_return");
    }

    // SDM volume 3, table 6-1.
    private static bool HasErrorCode(int vector) => vector is 8 or (>= 10 and <= 14) or 17 or 21 or 29 or 30;

    private static bool IsParanoid(int vector) => vector is 2 or 8 or 18;

    private static void BuildVectors(StubObject o)
    {
        DataBlock table = o.Data(".rodata", 16).Export("trap_vector_table");
        for (int vector = 0; vector < VectorCount; vector++)
        {
            CodeBlock b = o.Code(entryFrameSize: 0);
            Assembler c = b.Asm;
            b.Export($"trap_vector_{vector}");
            if (!HasErrorCode(vector))
            {
                c.push(0);
            }

            c.push(vector);
            c.jmp(b.Symbol(IsParanoid(vector) ? "trap_paranoid" : "trap_common"));
            table.Address64($"trap_vector_{vector}");
        }

        ExportAddress(o, "ArchTrapVectorTable", "trap_vector_table");
    }

    private static void BuildCommon(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;
        Label user = c.CreateLabel();
        Label noSmap = c.CreateLabel();
        Label userNoSmap = c.CreateLabel();

        b.Export("trap_common");
        c.test(__byte_ptr[rsp + TrapLayout.Cs - TrapLayout.Vector], 3);
        c.jnz(user);
        PushAll(c);
        c.cld();
        c.cmp(__byte_ptr.gs[PerCpuLayout.SmapEnabled], 0);
        c.je(noSmap);
        c.clac();
        c.Label(ref noSmap);
        BuildAllocationRestart(b);
        SaveVectors(c, o.UsesVectors);

        c.lea(rdi, __[rsp + TrapFrameInformation.VectorSize(o)]);
        c.call(b.Symbol("KernelTrap"));
        b.Export("trap_common_return");
        LoadVectors(c, o.UsesVectors);
        PopAll(c);
        c.add(rsp, 16); // vector and error code
        c.iretq();

        c.Label(ref user);
        c.swapgs();
        PushAll(c);
        c.cld();
        c.cmp(__byte_ptr.gs[PerCpuLayout.SmapEnabled], 0);
        c.je(userNoSmap);
        c.clac();
        c.Label(ref userNoSmap);
        c.jmp(b.Symbol("user_trap_tail"));
    }

    // An allocation (AllocationStubs) that was interrupted before its commit begins anew: nobody may run in between, another task of this CPU least of all.
    private static void BuildAllocationRestart(CodeBlock b)
    {
        Assembler c = b.Asm;
        Label restart = c.CreateLabel();
        Label done = c.CreateLabel();
        c.mov(rax, __qword_ptr[rsp + TrapLayout.Rip]);
        c.lea(rcx, __[b.Symbol("RhpNewFast")]);
        c.cmp(rax, rcx);
        c.jb(done);
        c.lea(rdx, __[b.Symbol("runtime_new_array_committed")]);
        c.cmp(rax, rdx);
        c.jae(done);
        c.lea(rdx, __[b.Symbol("runtime_new_object_committed")]);
        c.cmp(rax, rdx);
        c.jb(restart);
        c.lea(rcx, __[b.Symbol("RhpNewArray")]);
        c.cmp(rax, rcx);
        c.jb(done);
        c.Label(ref restart);
        c.mov(__qword_ptr[rsp + TrapLayout.Rip], rcx);
        c.Label(ref done);
    }

    private static void BuildParanoid(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;
        Label kernelGs = c.CreateLabel();
        Label leave = c.CreateLabel();

        b.Export("trap_paranoid");
        PushAll(c);
        c.cld();
        c.mov(ecx, GsBaseMsr);
        c.rdmsr();
        c.xor(ebx, ebx); // callee-saved: remembers whether GS was swapped
        c.test(edx, edx);
        c.js(kernelGs);
        c.swapgs();
        c.inc(ebx);
        c.Label(ref kernelGs);
        c.lea(rdi, __[rsp]);
        SaveVectors(c, o.UsesVectors);

        c.call(b.Symbol("KernelTrap"));
        b.Export("trap_paranoid_return");
        LoadVectors(c, o.UsesVectors);
        c.test(ebx, ebx);
        c.jz(leave);
        c.swapgs();
        c.Label(ref leave);
        PopAll(c);
        c.add(rsp, 16);
        c.iretq();
    }

    /// <summary>XMM0-15 to the stack, if the kernel's code uses them.</summary>
    internal static void SaveVectors(Assembler c, bool usesVectors)
    {
        if (usesVectors)
        {
            c.sub(rsp, TrapLayout.KernelXmmSize);
            for (int i = 0; i < Xmm.Length; i++)
            {
                c.movaps(__xmmword_ptr[rsp + i * 16], Xmm[i]);
            }
        }
    }

    /// <summary>And back.</summary>
    internal static void LoadVectors(Assembler c, bool usesVectors)
    {
        if (usesVectors)
        {
            for (int i = 0; i < Xmm.Length; i++)
            {
                c.movaps(Xmm[i], __xmmword_ptr[rsp + i * 16]);
            }

            c.add(rsp, TrapLayout.KernelXmmSize);
        }
    }

    internal static void PushAll(Assembler c)
    {
        foreach (AssemblerRegister64 register in PushOrder)
        {
            c.push(register);
        }
    }

    internal static void PopAll(Assembler c)
    {
        for (int i = PushOrder.Length - 1; i >= 0; i--)
        {
            c.pop(PushOrder[i]);
        }
    }
}
