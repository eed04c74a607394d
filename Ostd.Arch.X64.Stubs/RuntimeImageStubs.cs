// SPDX-License-Identifier: MPL-2.0

using Iced.Intel;
using Ostd.Arch.X64.Stubs.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Ostd.Arch.X64.Stubs;

/// <summary>Addresses that the linker knows and C# asks for: <c>ImageTable</c> of Ostd.Runtime mirrors this list word for word.</summary>
internal sealed class RuntimeImageStubs : StubModule
{
    // Static fields' objects before there are frames. Each of 36 size classes takes a block of 32 KiB at its first object, so an image with more kinds of them needs more.
    private const int BootHeapSize = 2 * 1024 * 1024;

    public override void Build(StubObject o)
    {
        o.Bss("boot_heap", BootHeapSize, 32 * 1024);
        DataBlock d = o.Data(".rodata", 16).Export("runtime_image_table");
        // Words that have no meaning for the other compiler's programs are 0 there.
        bool isIlc = o.CodeGenerator == CodeGenerator.Ilc;
        string?[] symbols =
        [
            "__kernel_start", "__kernel_end",
            "__modules_start", "__modules_end",
            "__compiler_stubs_start", "__managedcode_start", "__managedcode_end",
            "__unbox_start", "__unbox_end",
            "__eh_frame_hdr_start", "__eh_frame_hdr_end",
            "runtime_leaf_start", "runtime_leaf_end",
            Ilc("runtime_throw_return"), Ilc("runtime_throw_hardware_return"), Ilc("runtime_rethrow_return"),
            Ilc("runtime_catch_return"), Ilc("runtime_finally_return"), Ilc("runtime_filter_return"),
            Ilc("runtime_dispatch_return"),
            Ilc("RhpInitialDynamicInterfaceDispatch"), Ilc("RhpCachedInterfaceDispatch"), "RhpThrowHwEx",
            "kernel_symbol_table",
            "boot_heap",
        ];
        foreach (string? symbol in symbols)
        {
            Word(d, symbol);
        }

        d.Int64(BootHeapSize);
        d.Address64("boot_stack").Address64("boot_stack", BootStubs.BootStackSize);
        d.Address64("__roots_start").Address64("__roots_end");

        // Indexed by CoreLib's ClassLibFunctionId. Stack traces are ours (slot 3), and so is the end of an unhandled exception (1 and 7).
        Word(d, Ilc("GetRuntimeException"));
        Word(d, Ilc("RuntimeFailFastHook"));
        d.Int64(0);
        Word(d, Ilc("RuntimeAppendStackFrame"));
        d.Int64(0);
        Word(d, Ilc("GetSystemArrayEEType"));
        d.Int64(0);
        Word(d, Ilc("RuntimeUnhandledException"));
        Word(d, Ilc("IDynamicCastableIsInterfaceImplemented"));
        Word(d, Ilc("IDynamicCastableGetInterfaceImplementation"));
        d.Int64(0).Int64(0).Int64(0).Int64(0);

        ExportAddress(o, "ArchImageTable", "runtime_image_table");

        string? Ilc(string symbol) => isIlc ? symbol : null;
    }

    private static void Word(DataBlock d, string? symbol)
    {
        if (symbol is null)
        {
            d.Int64(0);
        }
        else
        {
            d.Address64(symbol);
        }
    }
}
