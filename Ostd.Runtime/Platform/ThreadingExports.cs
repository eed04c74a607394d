// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;

namespace Ostd.Runtime;

/// <summary>
/// The monitors below CoreLib's own locks. The kernel doesn't use them; CoreLib does, for its caches and type loader, where waiting is rare and short. A waiter lets
/// others run by the yield that Ostd.Core installs.
/// </summary>
// SAFETY: a monitor is native memory from Create until Destroy, which CoreLib calls when nobody uses it any more; its fields change
// under its own lock. The function pointers are the kernel's static methods, installed at boot before a second task runs.
public static unsafe class ThreadingExports
{
    [StructLayout(LayoutKind.Sequential)]
    private struct LowLevelMonitor
    {
        internal RuntimeLock Lock;
        internal int IsOwned;
        internal uint Signals;
        internal uint Waiters;
    }

    private static delegate*<void> s_yield;
    private static delegate*<ulong> s_monotonicNs;

    /// <summary>Installs the means to let other tasks run and to read the time.</summary>
    /// <param name="yield">Lets another task run; called in task context, interrupts on.</param>
    /// <param name="monotonicNs">Nanoseconds since boot.</param>
    public static void Install(delegate*<void> yield, delegate*<ulong> monotonicNs)
    {
        s_yield = yield;
        s_monotonicNs = monotonicNs;
    }

    internal static ulong MonotonicNs => s_monotonicNs != null ? s_monotonicNs() : ArchRuntime.ReadCycleCounter();

    /// <summary>Lets another task run.</summary>
    internal static void Yield()
    {
        if (s_yield != null)
        {
            s_yield();
        }
        else
        {
            ArchRuntime.Pause();
        }
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Create")]
    private static LowLevelMonitor* Create() => (LowLevelMonitor*)NativeHeap.AllocateZeroed((nuint)sizeof(LowLevelMonitor));

    [RuntimeExport("SystemNative_LowLevelMonitor_Destroy")]
    private static void Destroy(LowLevelMonitor* monitor) => NativeHeap.Free(monitor);

    [RuntimeExport("SystemNative_LowLevelMonitor_Acquire")]
    private static void Acquire(LowLevelMonitor* monitor)
    {
        while (true)
        {
            nuint flags = monitor->Lock.Enter();
            bool hasTaken = monitor->IsOwned == 0;
            monitor->IsOwned = 1;
            monitor->Lock.Exit(flags);
            if (hasTaken)
            {
                return;
            }

            Yield();
        }
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Release")]
    private static void Release(LowLevelMonitor* monitor)
    {
        nuint flags = monitor->Lock.Enter();
        monitor->IsOwned = 0;
        monitor->Lock.Exit(flags);
    }

    [RuntimeExport("SystemNative_LowLevelMonitor_Wait")]
    private static void Wait(LowLevelMonitor* monitor) => WaitUntil(monitor, ulong.MaxValue);

    [RuntimeExport("SystemNative_LowLevelMonitor_TimedWait")]
    private static int TimedWait(LowLevelMonitor* monitor, int timeoutMs) =>
        WaitUntil(monitor, timeoutMs < 0 ? ulong.MaxValue : MonotonicNs + (ulong)timeoutMs * 1_000_000) ? 1 : 0;

    [RuntimeExport("SystemNative_LowLevelMonitor_Signal_Release")]
    private static void SignalAndRelease(LowLevelMonitor* monitor)
    {
        nuint flags = monitor->Lock.Enter();
        if (monitor->Signals < monitor->Waiters)
        {
            monitor->Signals++;
        }

        monitor->IsOwned = 0;
        monitor->Lock.Exit(flags);
    }

    private static bool WaitUntil(LowLevelMonitor* monitor, ulong deadlineNs)
    {
        nuint flags = monitor->Lock.Enter();
        monitor->Waiters++;
        monitor->IsOwned = 0;
        monitor->Lock.Exit(flags);
        bool isSignalled;
        while (true)
        {
            Yield();
            bool isLate = deadlineNs != ulong.MaxValue && MonotonicNs >= deadlineNs;
            flags = monitor->Lock.Enter();
            isSignalled = monitor->Signals > 0;
            if (isSignalled || isLate)
            {
                monitor->Waiters--;
                if (isSignalled)
                {
                    monitor->Signals--;
                }

                monitor->Lock.Exit(flags);
                break;
            }

            monitor->Lock.Exit(flags);
        }

        Acquire(monitor);
        return isSignalled;
    }

    [RuntimeExport("RhYield")]
    private static int YieldExport()
    {
        Yield();
        return 1;
    }

    [RuntimeExport("SystemNative_SchedYield")]
    private static int SchedYield()
    {
        Yield();
        return 0;
    }

    [RuntimeExport("RhSpinWait")]
    private static void SpinWait(int iterations)
    {
        for (int i = 0; i < iterations; i++)
        {
            ArchRuntime.Pause();
        }
    }

    // Threads are the kernel's tasks; CoreLib cannot make any. False makes Thread.Start throw OutOfMemoryException.
    [RuntimeExport("SystemNative_CreateThread")]
    private static int CreateThread(nuint stackSizeBytes, nint function, nint argument) => 0;

    [RuntimeExport("SystemNative_SchedGetCpu")]
    private static int SchedGetCpu() => 0;

    [RuntimeExport("RhGetProcessCpuCount")]
    private static int GetProcessCpuCount() => 1;
}
