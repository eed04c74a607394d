// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime;

// The shared sources of Ostd.Runtime meet these in place of the kernel's own.

/// <summary>The one thread.</summary>
internal unsafe struct RuntimeThread
{
    internal nuint StackLow;
    internal nuint StackHigh;
    internal void* FilterFrames;
    internal void* AwaitedConstructor;
    internal byte* StaticBlock;
    internal nuint StaticBlockSize;

    /// <summary>There are no policies.</summary>
    internal static bool IsInPolicy => false;
}

/// <summary>Where the linker put things.</summary>
internal unsafe struct ImageTable
{
    internal byte* EhFrameHeader;

    /// <summary>All code is the compiler's, but for what stands in assembly, which no search is for.</summary>
    internal nuint CompiledCodeStart => 0;

    internal nuint CompiledCodeEnd => nuint.MaxValue;
}

internal static unsafe class ArchRuntime
{
    private static RuntimeThread* s_thread;
    private static ImageTable s_image;

    internal static ImageTable* ImageTable() => (ImageTable*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref s_image);

    internal static RuntimeThread* GetThread() => s_thread;

    internal static void SetThread(RuntimeThread* thread) => s_thread = thread;
}

/// <summary>The end of a program that cannot go on.</summary>
internal static unsafe class RuntimePanic
{
    private const int AbortStatus = 134;

    internal static void Fail(string reason)
    {
        HostConsole.WriteError(reason);
        HostConsole.WriteError("\n");
        Host.Exit(AbortStatus);
    }

    internal static void UnhandledException(Exception exception)
    {
        HostConsole.WriteError("Unhandled exception: ");
        HostConsole.WriteError(exception.Message);
        Fail("");
    }
}

/// <summary>The runtime's own memory, by its name in the kernel.</summary>
internal static unsafe class NativeHeap
{
    internal static void* AllocateZeroed(nuint size) => NativeMemory.Allocate(size);
}

/// <summary>Memory ends with the system's.</summary>
internal static class AllocationExports
{
    internal static void ThrowOutOfMemory() => RuntimePanic.Fail("out of memory");
}

/// <summary>Records of throws.</summary>
internal static class ThrowRecords
{
    internal static ThrowRecord New() => new();
}

/// <summary>There are no stack traces.</summary>
internal static unsafe class ExceptionTrace
{
    internal static void Append(Exception exception, nint address, bool isFirst, LimitedContext* context)
    {
    }
}

/// <summary>A fault of the processor is the system's to report; a throw of null is an exception.</summary>
internal static class HardwareFaults
{
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2201", Justification = "This is the runtime that the exception is reserved for.")]
    internal static Exception MakeException(uint code) => new NullReferenceException();
}

/// <summary>A lock of the one thread.</summary>
internal struct RuntimeLock
{
    internal nuint Enter() => 0;

    internal void Exit(nuint flags)
    {
    }
}

/// <summary>Nobody else can run.</summary>
internal static class ThreadingExports
{
    internal static void Yield() => RuntimePanic.Fail("the only thread waits for itself");
}
