// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;
using static Ostd.Arch.X64.Stubs.BootStubs;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// How a further CPU comes from real mode, in which a start-up interrupt leaves it (SDM volume 3, section 9.4), to <c>CpuEntry</c> of Ostd.Core.
/// </summary>
/// <remarks>
/// The first part is data of the kernel that C# copies to <see cref="TrampolineLayout.Address"/>; it runs there, with tables that map that page to itself and the kernel's half.
/// The second part is kernel code: it takes the kernel's own tables, a stack and a per-CPU block, which C# leaves in <c>cpu_start_*</c>. One CPU at a time comes this way.
/// </remarks>
internal sealed class TrampolineStubs : StubModule
{
    private const int Code32Selector = 0x18;

    private const int ProtectionEnable = 1;
    private const int PageGlobalEnable = 0x80;
    private const int Cr4Bits = BootStubs.Cr4Bits & ~PageGlobalEnable; // it comes with the kernel's tables, so that nothing of these stays in the TLB

    public override void Build(StubObject o)
    {
        BuildPage(o);
        BuildEntry(o);

        // PML4, page-directory pointers, page directory, page table.
        o.Bss("cpu_start_tables", 4 * 4096, 4096);
        o.Bss("cpu_start_stack", 8, 8);
        o.Bss("cpu_start_block", 8, 8);
        o.Bss("cpu_start_root", 8, 8);
    }

    private static void BuildPage(StubObject o)
    {
        var page = new byte[TrampolineLayout.Length];
        Put(page, 0, 16, RealMode);
        Put(page, TrampolineLayout.ProtectedMode, 32, ProtectedMode);
        Put(page, TrampolineLayout.LongMode, 64, LongMode);
        BitConverter.TryWriteBytes(page.AsSpan(TrampolineLayout.Gdt + CodeSelector), 0x00af_9a00_0000_fffful);
        BitConverter.TryWriteBytes(page.AsSpan(TrampolineLayout.Gdt + DataSelector), 0x00cf_9200_0000_fffful);
        BitConverter.TryWriteBytes(page.AsSpan(TrampolineLayout.Gdt + Code32Selector), 0x00cf_9a00_0000_fffful);
        BitConverter.TryWriteBytes(page.AsSpan(TrampolineLayout.GdtPointer), (ushort)(4 * 8 - 1));
        BitConverter.TryWriteBytes(page.AsSpan(TrampolineLayout.GdtPointer + 2), TrampolineLayout.Address + TrampolineLayout.Gdt);
        o.Data(".rodata", 16).Export("cpu_start_page").Bytes(page);

        ExportAddress(o, "ArchCpuStartPage", "cpu_start_page");
        ExportAddress(o, "ArchCpuStartTables", "cpu_start_tables");
        ExportAddress(o, "ArchCpuStartEntry", "cpu_start_entry");
        ExportAddress(o, "ArchCpuStartStack", "cpu_start_stack");
        ExportAddress(o, "ArchCpuStartBlock", "cpu_start_block");
        ExportAddress(o, "ArchCpuStartRoot", "cpu_start_root");
    }

    private static void RealMode(Assembler c)
    {
        c.cli();
        c.cld();
        c.xor(ax, ax);
        c.mov(ds, ax);
        c.lgdt(__fword_ptr[TrampolineLayout.Address + TrampolineLayout.GdtPointer]);
        c.mov(eax, cr0);
        c.or(eax, ProtectionEnable);
        c.mov(cr0, eax);
        c.db(0x66, 0xea); // JMP far with a 32-bit offset
        c.dd(TrampolineLayout.Address + TrampolineLayout.ProtectedMode);
        c.dw(Code32Selector);
    }

    // SDM volume 3, section 10.8.5 "Initializing IA-32e Mode".
    private static void ProtectedMode(Assembler c)
    {
        c.mov(eax, DataSelector);
        c.mov(ds, ax);
        c.mov(es, ax);
        c.mov(ss, ax);
        c.mov(eax, Cr4Bits);
        c.mov(cr4, eax);
        c.mov(eax, __dword_ptr[TrampolineLayout.Address + TrampolineLayout.Root]);
        c.mov(cr3, eax);
        c.mov(ecx, Efer);
        c.rdmsr();
        c.or(eax, EferBits);
        c.wrmsr();
        c.mov(eax, Cr0Bits);
        c.mov(cr0, eax);
        c.db(0xea);
        c.dd(TrampolineLayout.Address + TrampolineLayout.LongMode);
        c.dw(CodeSelector);
    }

    private static void LongMode(Assembler c)
    {
        c.mov(ebx, TrampolineLayout.Address + TrampolineLayout.Entry);
        c.jmp(__qword_ptr[rbx]);
    }

    private static void BuildEntry(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;
        b.Export("cpu_start_entry");
        c.mov(rax, __qword_ptr[b.Symbol("cpu_start_root")]);
        c.mov(cr3, rax);
        c.mov(rax, cr4);
        c.or(rax, PageGlobalEnable);
        c.mov(cr4, rax);
        c.mov(rsp, __qword_ptr[b.Symbol("cpu_start_stack")]);
        c.lgdt(__tword_ptr[b.Symbol("boot_gdt_pointer64")]); // that of the page is gone; selectors mean the same in both
        c.xor(eax, eax);
        c.mov(fs, ax);
        c.mov(gs, ax);
        c.mov(rax, __qword_ptr[b.Symbol("cpu_start_block")]);
        c.mov(rdx, rax);
        c.shr(rdx, 32);
        c.mov(ecx, GsBase);
        c.wrmsr();
        if (o.UsesVectors)
        {
            c.fninit();
            c.ldmxcsr(__dword_ptr.gs[PerCpuLayout.KernelMxcsr]);
        }

        c.xor(ebp, ebp);
        c.push(0); // a return address of 0 ends every stack walk; it also leaves RSP as a call would
        c.jmp(b.Symbol("CpuEntry"));
    }

    private static void Put(byte[] page, int offset, int bitness, Action<Assembler> write)
    {
        var assembler = new Assembler(bitness);
        write(assembler);
        var bytes = new ByteList();
        assembler.Assemble(bytes, (ulong)(TrampolineLayout.Address + offset));
        int end = offset switch { 0 => TrampolineLayout.ProtectedMode, TrampolineLayout.ProtectedMode => TrampolineLayout.LongMode, _ => TrampolineLayout.Gdt };
        if (offset + bytes.Count > end)
        {
            throw new InvalidDataException($"the trampoline's {bitness}-bit code is too long");
        }

        bytes.CopyTo(page.AsSpan(offset));
    }

    private sealed class ByteList : CodeWriter
    {
        private readonly List<byte> _bytes = [];

        public int Count => _bytes.Count;

        public override void WriteByte(byte value) => _bytes.Add(value);

        public void CopyTo(Span<byte> destination) => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_bytes).CopyTo(destination);
    }
}
