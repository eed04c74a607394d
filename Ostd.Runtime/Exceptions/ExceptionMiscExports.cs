// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;

namespace Ostd.Runtime;

/// <summary>The rest of what CoreLib's exception code asks for.</summary>
// SAFETY: buffers are CoreLib's, have the length that is passed with them, and are not kept beyond the call.
internal static unsafe class ExceptionMiscExports
{
    // There are no thread aborts: CoreLib asks for the objects of the faults that it has no exceptions for (HardwareFaults).
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2201", Justification = "This is the runtime that the exception is reserved for.")]
    [RuntimeExport("RhpGetThreadAbortException")]
    private static Exception GetThreadAbortException() => RuntimeThread.Current->LastFault == HardwareFault.RegisterGivenBack
        ? new ObjectDisposedException("IoRegister")
        : new StackOverflowException("a kernel stack overflowed");

    [RuntimeExport("RhpInitiateThreadAbort")]
    private static void InitiateThreadAbort(nint thread, nuint exception, int isRude)
    {
        RuntimePanic.Fail("a thread abort was asked for");
    }

    [RuntimeExport("RhpCancelThreadAbort")]
    private static void CancelThreadAbort(nint thread)
    {
        RuntimePanic.Fail("a thread abort was cancelled");
    }

    // Fills an operating system context for a crash dump; the panic prints the limited context itself.
    [RuntimeExport("RhpCopyContextFromExInfo")]
    private static void CopyContextFromExInfo(byte* context, int sizeBytes, LimitedContext* source) =>
        ArchRuntime.Zero(context, (nuint)sizeBytes);

    [RuntimeExport("RhpGetCurrentThreadStackTrace")]
    private static int GetCurrentThreadStackTrace(nint* buffer, uint length, nuint addressInCurrentFrame) =>
        StackWalker.Capture(buffer, (int)length, addressInCurrentFrame);

    [RuntimeExport("RhFindMethodStartAddress")]
    private static nint FindMethodStartAddress(nuint address) =>
        MethodInfo.TryFind(address, out MethodInfo method) ? (nint)method.MethodStart : 0;

    [RuntimeExport("NativeRuntimeEventSource_LogExceptionThrown")]
    private static void LogExceptionThrown(char* type, char* message, nint address, int result)
    {
        // Event tracing is compiled out; ilc still refers to the symbol.
    }

    [RuntimeExport("RhGetCrashInfoBuffer")]
    private static byte* GetCrashInfoBuffer(int* sizeBytes)
    {
        *sizeBytes = 0;
        return null;
    }

    [RuntimeExport("RhCreateCrashDumpIfEnabled")]
    private static void CreateCrashDumpIfEnabled(nint record, nint context)
    {
        // The panic that follows is the dump.
    }
}
