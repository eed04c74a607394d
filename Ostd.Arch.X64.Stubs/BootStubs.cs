// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.Layout;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>
/// From the boot loader's 32-bit protected mode to <c>KernelEntry(bootInfoPhysical, protocol)</c> in the higher half.
/// </summary>
/// <remarks>
/// <para>Two loaders are served: PVH (Xen's "x86/HVM direct boot ABI", which <c>qemu -kernel</c> speaks; EBX is the start info) and multiboot2
/// (specification 2.0, section 3.5 "I386 machine state"; EAX is the magic, EBX the boot information). Both hand over in flat 32-bit protected
/// mode without paging, and without a usable stack.</para>
/// <para>The tables made here map the first 4 GiB of physical memory twice, in 2 MiB pages: linearly at 0xffff800000000000, and the first
/// GiB also at the address the kernel is linked to. The identity map, which the switch to long mode needs, is gone before C# runs: page 0
/// must fault, because a null dereference is found by its fault. Permissions come later, with the tables that OSTD makes.</para>
/// </remarks>
internal sealed class BootStubs : StubModule
{
    private const uint PvhProtocol = 1;
    private const uint Multiboot2Protocol = 2;
    private const uint Multiboot2LoaderMagic = 0x36d7_6289;

    private const uint Present = 1;
    private const uint Writable = 2;
    private const uint LargePage = 0x80;
    private const uint Global = 0x100;

    public const int BootStackSize = 64 * 1024;
    private const int LinearGigabytes = 4;

    // Selectors into the boot GDT below.
    internal const int CodeSelector = 0x08;
    internal const int DataSelector = 0x10;

    internal const int Cr0Bits = unchecked((int)0x8001_0033); // PG WP NE ET MP PE; EM and TS clear: SSE is usable
    internal const int Cr4Bits = 0x0000_06a0; // PAE PGE OSFXSR OSXMMEXCPT
    internal const int GsBase = unchecked((int)0xc000_0101);
    internal const int Efer = unchecked((int)0xc000_0080);
    internal const int EferBits = 0x0000_0901; // SCE LME NXE

    public override void Build(StubObject o)
    {
        BuildNotes(o);
        BuildTables(o);
        BuildEntry32(o);
        BuildEntry64(o);
    }

    private static void BuildNotes(StubObject o)
    {
        // XEN_ELFNOTE_PHYS32_ENTRY (xen/include/public/elfnote.h): the 32-bit entry point of the PVH ABI.
        const int physicalEntryNote = 18;
        o.Data(".note.Xen", 4).Int32(4).Int32(4).Int32(physicalEntryNote).Ascii("Xen").Address32("pvh_entry");

        // Multiboot2 header (specification 2.0, section 3.1): the loader follows the ELF program headers, so only the entry is told.
        const uint magic = 0xe852_50d6;
        const uint architectureI386 = 0;
        const ushort entryAddressTag = 3;
        const ushort endTag = 0;
        const uint length = 16 + 16 + 8;
        o.Data(".multiboot2", 8)
            .Int32(magic).Int32(architectureI386).Int32(length).Int32(unchecked((uint)-(int)(magic + architectureI386 + length)))
            .Int16(entryAddressTag).Int16(0).Int32(12).Address32("multiboot2_entry").Int32(0)
            .Int16(endTag).Int16(0).Int32(8);
    }

    private static void BuildTables(StubObject o)
    {
        o.Bss("boot_pml4", 4096, 4096);
        o.Bss("boot_pdpt_linear", 4096, 4096);
        o.Bss("boot_pdpt_kernel", 4096, 4096);
        o.Bss("boot_page_directories", LinearGigabytes * 4096, 4096);
        o.Bss("boot_stack_guard", 4096, 4096); // OSTD unmaps it
        o.Bss("boot_stack", BootStackSize, 4096);
        o.Bss("boot_runtime_thread", RuntimeLayout.RuntimeThreadSize, 64);

        DataBlock gdt = o.Data(".rodata", 16).Export("boot_gdt");
        gdt.Int64(0);
        gdt.Int64(0x00af_9a00_0000_ffff); // 64-bit code, ring 0
        gdt.Int64(0x00cf_9200_0000_ffff); // data, ring 0
        o.Data(".boot.rodata", 8).Export("boot_gdt_pointer32").Int16(3 * 8 - 1).Address32("boot_gdt", -unchecked((long)StubObject.KernelBase)).Int16(0);
        o.Data(".rodata", 8).Export("boot_gdt_pointer64").Int16(3 * 8 - 1).Address64("boot_gdt");
    }

    private static void BuildEntry32(StubObject o)
    {
        CodeBlock b = o.Code(".boot.text", 32);
        Assembler c = b.Asm;
        Label common = c.CreateLabel();
        Label fill = c.CreateLabel();

        b.Export("pvh_entry");
        c.cld();
        c.mov(esi, PvhProtocol);
        c.jmp(common);

        b.Export("multiboot2_entry");
        c.cld();
        c.mov(esi, Multiboot2Protocol);
        c.cmp(eax, Multiboot2LoaderMagic);
        c.je(common);
        Label refuse = c.CreateLabel();
        c.Label(ref refuse);
        c.cli();
        c.hlt();
        c.jmp(refuse);

        // ESI: protocol. EBX: boot information. Neither is touched until long mode.
        c.Label(ref common);
        c.cli();
        c.mov(eax, Present | Writable | LargePage | Global);
        c.mov(edi, (uint)b.PhysicalSymbol("boot_page_directories"));
        c.mov(ecx, LinearGigabytes * 512);
        c.Label(ref fill);
        c.mov(__dword_ptr[edi], eax);
        c.mov(__dword_ptr[edi + 4], 0);
        c.add(eax, 0x20_0000);
        c.add(edi, 8);
        c.dec(ecx);
        c.jnz(fill);

        for (int i = 0; i < LinearGigabytes; i++)
        {
            c.mov(eax, (uint)b.PhysicalSymbol("boot_page_directories") + (uint)i * 4096);
            c.or(eax, (int)(Present | Writable));
            c.mov(__dword_ptr[(uint)b.PhysicalSymbol("boot_pdpt_linear") + i * 8], eax);
        }

        // 0xffffffff80000000 is entry 511 of the PML4 and entry 510 below it.
        c.mov(eax, (uint)b.PhysicalSymbol("boot_page_directories"));
        c.or(eax, (int)(Present | Writable));
        c.mov(__dword_ptr[(uint)b.PhysicalSymbol("boot_pdpt_kernel") + 510 * 8], eax);
        c.mov(eax, (uint)b.PhysicalSymbol("boot_pdpt_kernel"));
        c.or(eax, (int)(Present | Writable));
        c.mov(__dword_ptr[(uint)b.PhysicalSymbol("boot_pml4") + 511 * 8], eax);
        c.mov(eax, (uint)b.PhysicalSymbol("boot_pdpt_linear"));
        c.or(eax, (int)(Present | Writable));
        c.mov(__dword_ptr[(uint)b.PhysicalSymbol("boot_pml4") + 256 * 8], eax);
        c.mov(__dword_ptr[(uint)b.PhysicalSymbol("boot_pml4")], eax); // identity, until entry64

        // Intel SDM volume 3, section 10.8.5 "Initializing IA-32e Mode".
        c.mov(eax, Cr4Bits);
        c.mov(cr4, eax);
        c.mov(eax, (uint)b.PhysicalSymbol("boot_pml4"));
        c.mov(cr3, eax);
        c.mov(ecx, Efer);
        c.rdmsr();
        c.or(eax, EferBits);
        c.wrmsr();
        c.mov(eax, Cr0Bits);
        c.mov(cr0, eax);
        c.lgdt(__fword_ptr[(uint)b.Symbol("boot_gdt_pointer32")]);
        c.mov(esp, (uint)b.PhysicalSymbol("boot_stack"));
        c.add(esp, BootStackSize);
        c.push(CodeSelector);
        c.push((int)b.Symbol("boot_entry64_low"));
        c.retf();

        CodeBlock low = o.Code(".boot.text", entryFrameSize: 0);
        low.Export("boot_entry64_low");
        low.Asm.mov(rax, low.Symbol("boot_entry64"));
        low.Asm.jmp(rax);
    }

    private static void BuildEntry64(StubObject o)
    {
        CodeBlock b = o.Code(entryFrameSize: 0);
        Assembler c = b.Asm;
        Label stop = c.CreateLabel();

        b.Export("boot_entry64");
        c.mov(eax, DataSelector);
        c.mov(ds, ax);
        c.mov(es, ax);
        c.mov(ss, ax);
        c.xor(eax, eax);
        c.mov(fs, ax);
        c.mov(gs, ax);
        c.lea(rsp, __[b.Symbol("boot_stack")]);
        c.add(rsp, BootStackSize);
        c.lgdt(__tword_ptr[b.Symbol("boot_gdt_pointer64")]);

        // Drop the identity map: from here on a null dereference faults.
        c.mov(__qword_ptr[b.Symbol("boot_pml4")], rax);
        c.mov(rax, cr4);
        c.mov(rdx, rax);
        c.and(al, 0x7f); // toggling PGE flushes global entries too (SDM volume 3, section 4.10.4.1)
        c.mov(cr4, rax);
        c.mov(cr4, rdx);

        // The boot CPU's block, so that C# finds its RuntimeThread.
        c.lea(rax, __[b.Symbol("boot_per_cpu")]);
        c.lea(rdx, __[b.Symbol("boot_runtime_thread")]);
        c.mov(__qword_ptr[rax + PerCpuLayout.Self], rax);
        c.mov(__qword_ptr[rax + PerCpuLayout.RuntimeThread], rdx);
        c.mov(__dword_ptr[rax + PerCpuLayout.Preemption], 1);
        c.lea(rdx, __[b.Symbol("runtime_empty_allocation_cache")]);
        c.mov(__qword_ptr[rax + PerCpuLayout.AllocationCache], rdx);
        c.mov(rdx, rax);
        c.shr(rdx, 32);
        c.mov(ecx, GsBase);
        c.wrmsr();

        // A stack cookie that differs from boot to boot.
        c.rdtsc();
        c.shl(rdx, 32);
        c.or(rax, rdx);
        c.shl(rax, 8);
        c.xor(__qword_ptr[b.Symbol("__security_cookie")], rax);

        c.mov(edi, ebx);
        c.mov(esi, esi);
        c.xor(ebp, ebp);
        c.push(0); // a return address of 0 ends every stack walk; it also leaves RSP as a call would
        c.jmp(b.Symbol("KernelEntry"));
        c.Label(ref stop);
        c.hlt();
        c.jmp(stop);
    }
}
