// SPDX-License-Identifier: MPL-2.0

using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>Addresses out of the linked image. The stubs lay the table out; the order here and there is one.</summary>
[StructLayout(LayoutKind.Sequential)]
// SAFETY: constant data of the image, laid out word for word like this (RuntimeImageStubs); the linker fills in addresses of sections
// and symbols that stay mapped as long as the kernel runs.
internal unsafe struct ImageTable
{
    internal nuint KernelStart;
    internal nuint KernelEnd;
    internal nint* ModulesStart;
    internal nint* ModulesEnd;

    /// <summary>Up to where the methods start, and in the section of unboxing stubs: ilc's small stubs, without call frame information. All code of this project's compiler.</summary>
    internal nuint CompilerStubsStart;

    internal nuint ManagedCodeStart;
    internal nuint ManagedCodeEnd;
    internal nuint UnboxStart;
    internal nuint UnboxEnd;
    internal byte* EhFrameHeader;
    internal byte* EhFrameHeaderEnd;

    /// <summary>Helpers that never move the stack pointer: a fault inside is their caller's.</summary>
    internal nuint LeafStart;
    internal nuint LeafEnd;

    internal nuint ThrowReturn;
    internal nuint ThrowHardwareReturn;
    internal nuint RethrowReturn;
    internal nuint CatchReturn;
    internal nuint FinallyReturn;
    internal nuint FilterReturn;
    internal nuint DispatchReturn;

    internal nuint InitialDispatch;
    internal nuint CachedDispatch;
    internal nuint ThrowHardware;

    /// <summary>Null in the first link, whose result the table is made from.</summary>
    internal uint* SymbolTable;

    internal byte* BootHeap;
    internal nuint BootHeapSize;
    internal nuint BootStackLow;
    internal nuint BootStackHigh;

    /// <summary>Variables and objects of the image that may refer to the heap, where this project's compiler made it; otherwise nothing.</summary>
    internal nuint RootsStart;
    internal nuint RootsEnd;

    /// <summary>First of the class library's functions, indexed by CoreLib's <c>ClassLibFunctionId</c>.</summary>
    internal nint ClasslibFunctions;

    /// <summary>First address of what this project's compiler made.</summary>
    [InterruptSafe]
    internal readonly nuint CompiledCodeStart => CompilerStubsStart;

    [InterruptSafe]
    internal readonly nuint CompiledCodeEnd => ManagedCodeStart;

    internal const int ClasslibFunctionCount = 14;
}
