// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime;

// The shared sources of Ostd.Runtime meet these in place of the kernel's own.

/// <summary>The one thread.</summary>
internal struct RuntimeThread
{
    internal nuint StackLow;
    internal nuint StackHigh;
}

/// <summary>Where the linker put things.</summary>
internal unsafe struct ImageTable
{
    internal byte* EhFrameHeader;
}

internal static unsafe class ArchRuntime
{
    private static RuntimeThread* s_thread;

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
}
