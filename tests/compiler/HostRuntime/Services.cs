// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>Handles: cells that never go away. Nothing is collected, so a weak one is like any other.</summary>
internal static unsafe class Handles
{
    private struct Cell
    {
        internal nint Primary;
        internal nint Secondary;
    }

    [RuntimeExport("RhpHandleAlloc")]
    internal static nint Allocate(nint target, int type) => AllocateDependent(target, 0);

    [RuntimeExport("RhpHandleAllocDependent")]
    internal static nint AllocateDependent(nint primary, nint secondary)
    {
        Cell* cell = (Cell*)NativeMemory.Allocate((nuint)sizeof(Cell));
        cell->Primary = primary;
        cell->Secondary = secondary;
        return (nint)cell;
    }

    [RuntimeExport("RhHandleSet")]
    internal static void Set(nint handle, nint target) => ((Cell*)handle)->Primary = target;

    [RuntimeExport("RhHandleGet")]
    internal static nint Get(nint handle) => ((Cell*)handle)->Primary;

    [RuntimeExport("RhHandleGetDependent")]
    internal static nint GetDependent(nint handle, nint* secondary)
    {
        *secondary = ((Cell*)handle)->Secondary;
        return ((Cell*)handle)->Primary;
    }

    [RuntimeExport("RhHandleFree")]
    internal static void Free(nint handle) => *(Cell*)handle = default;
}

/// <summary>What CoreLib asks of the process. One thread, one processor, no environment; the clock goes on by a millisecond each time it is asked.</summary>
internal static unsafe class Services
{
    [RuntimeExport("RhAllocateNewArray")]
    internal static void AllocateArray(MethodTable* type, uint length, uint flags, byte** result) => *result = Allocation.NewArray(type, (int)length);

    [RuntimeExport("RhSuppressFinalize")]
    internal static void SuppressFinalize(nint target)
    {
        // Nothing is ever finalized.
    }

    [RuntimeExport("RhGetProcessCpuCount")]
    internal static int ProcessorCount() => 1;

    [RuntimeExport("SystemNative_SchedGetCpu")]
    internal static int CurrentProcessor() => 0;

    [RuntimeExport("RhSpinWait")]
    internal static void Spin(int iterations)
    {
    }

    [RuntimeExport("RhGetCurrentThreadStackBounds")]
    internal static void StackBounds(nuint* low, nuint* high)
    {
        *low = ArchRuntime.GetThread()->StackLow;
        *high = ArchRuntime.GetThread()->StackHigh;
    }

    [RuntimeExport("RhYield")]
    internal static int Yield() => 0;

    [RuntimeExport("RhSetThreadExitCallback")]
    internal static void SetThreadExitCallback(nint callback)
    {
        // The thread ends with the process.
    }

    private const long NanosecondsInMillisecond = 1_000_000;

    private static long s_now;

    [RuntimeExport("RhpGetTickCount64")]
    internal static long Ticks() => Timestamp() / NanosecondsInMillisecond;

    /// <summary>Nanoseconds. CoreLib's measurements end, and are the same in each run.</summary>
    [RuntimeExport("SystemNative_GetTimestamp")]
    internal static long Timestamp() => s_now += NanosecondsInMillisecond;

    [RuntimeExport("SystemNative_GetEnv")]
    internal static nint Environment(nint name) => 0;

    [RuntimeExport("RhGetKnobValues")]
    internal static uint Settings(nint* names, nint* values)
    {
        *names = 0;
        *values = 0;
        return 0;
    }

    [RuntimeExport("SystemNative_Malloc")]
    internal static byte* Malloc(nuint size) => NativeMemory.Allocate(size);

    [RuntimeExport("SystemNative_Free")]
    internal static void Free(byte* memory)
    {
        // The runtime's own memory is never reused.
    }

    /// <summary>The same bytes in each run, so that hash codes do not differ from run to run.</summary>
    [RuntimeExport("SystemNative_GetNonCryptographicallySecureRandomBytes")]
    internal static void RandomBytes(byte* buffer, int length)
    {
        for (int i = 0; i < length; i++)
        {
            buffer[i] = (byte)((i * 37) + 11);
        }
    }

    [RuntimeExport("RhGetOSModuleFromPointer")]
    internal static nint Module(nint address) => 0;

    [RuntimeExport("RhGetModuleFileName")]
    internal static int ModuleFileName(nint module, nint* name)
    {
        *name = 0;
        return 0;
    }

    [RuntimeExport("RhFindMethodStartAddress")]
    internal static nint MethodStart(nuint address) => ExceptionTables.TryFindFde(address, out _, out nuint start, out _) ? (nint)start : 0;

    /// <summary>No stack traces: none of the frames is reported.</summary>
    [RuntimeExport("RhpGetCurrentThreadStackTrace")]
    internal static int StackTrace(nint* frames, uint length, nint current) => 0;

    /// <summary>Asked for by casts to IDynamicInterfaceCastable alone, which the compiler refuses.</summary>
    [RuntimeExport("RhpGetClasslibFunctionFromEEType")]
    internal static nint ClassLibraryFunction(MethodTable* type, int function)
    {
        RuntimePanic.Fail("a class library function was asked for");
        return 0;
    }

    [RuntimeExport("RhCurrentOSThreadId")]
    internal static ulong ThreadId() => 1;

    [RuntimeExport("RhGetCrashInfoBuffer")]
    internal static byte* CrashBuffer(int* size)
    {
        *size = 0;
        return null;
    }

    [RuntimeExport("RhCreateCrashDumpIfEnabled")]
    internal static void CrashDump(nint record, nint context)
    {
        // There is none.
    }

    [RuntimeExport("RhGetRuntimeVersion")]
    internal static byte* RuntimeVersion(int* length)
    {
        *length = 0;
        return null;
    }

    [RuntimeExport("SystemNative_LogError")]
    internal static void LogError(byte* text, int length) => Host.Write(2, text, length);

    [RuntimeExport("SystemNative_Abort")]
    internal static void Abort() => RuntimePanic.Fail("the class library aborted");

    [RuntimeExport("RhGetMemoryInfo")]
    internal static void MemoryInfo(nint data, int kind) => RuntimePanic.Fail("there is no collector to ask");
}

/// <summary>The monitor of libSystem.Native, for one thread: it is always free, and nobody else could end a wait.</summary>
internal static unsafe class Monitors
{
    [RuntimeExport("SystemNative_LowLevelMonitor_Create")]
    internal static byte* Create() => NativeMemory.Allocate(16);

    [RuntimeExport("SystemNative_LowLevelMonitor_Destroy")]
    internal static void Destroy(byte* monitor)
    {
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Acquire")]
    internal static void Acquire(byte* monitor)
    {
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Release")]
    internal static void Release(byte* monitor)
    {
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Signal_Release")]
    internal static void SignalRelease(byte* monitor)
    {
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Wait")]
    internal static void Wait(byte* monitor) => RuntimePanic.Fail("the only thread waits for ever");

    [RuntimeExport("SystemNative_LowLevelMonitor_TimedWait")]
    internal static int TimedWait(byte* monitor, int milliseconds) => 0;
}
