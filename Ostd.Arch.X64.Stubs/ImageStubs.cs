// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>The linker script's symbols as functions: C# cannot take the address of a symbol.</summary>
internal sealed class ImageStubs : StubModule
{
    public override void Build(StubObject o)
    {
        Address(o, "ArchKernelPhysicalStart", "__kernel_physical_start");
        Address(o, "ArchKernelPhysicalEnd", "__kernel_physical_end");
        Address(o, "ArchManagedCodeStart", "__managedcode_start");
        Address(o, "ArchManagedCodeEnd", "__managedcode_end");
        Address(o, "ArchTextStart", "__text_start");
        Address(o, "ArchTextEnd", "__text_end");
        Address(o, "ArchRodataStart", "__rodata_start");
        Address(o, "ArchRodataEnd", "__rodata_end");
        Address(o, "ArchDataStart", "__data_start");
        Address(o, "ArchBssEnd", "__bss_end");
        Address(o, "ArchImageEnd", "__kernel_end");
        Address(o, "ArchBootStackGuard", "boot_stack_guard");
    }

    private static void Address(StubObject o, string function, string symbol)
    {
        CodeBlock b = o.Code();
        b.Export(function);
        b.Asm.mov(rax, b.Symbol(symbol));
        b.Asm.ret();
    }
}
