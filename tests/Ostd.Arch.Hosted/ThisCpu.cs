// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;

namespace Ostd.Arch;

/// <summary>A hosted CPU's block: the host thread that runs on it has one.</summary>
public static class ThisCpu
{
    [ThreadStatic]
    private static object? t_currentTask;

    [ThreadStatic]
    private static nint t_runtimeThread;

    [ThreadStatic]
    private static int t_preemptCount;

    [ThreadStatic]
    private static bool t_needReschedule;

    [ThreadStatic]
    private static bool t_inInterrupt;

    /// <summary>Number of this CPU: the hosted machine has one.</summary>
    public static int Id => 0;

    /// <summary>Tells the holders of locks apart; never 0. Each host thread counts as a CPU of its own here.</summary>
    public static int HolderId => Environment.CurrentManagedThreadId;

    /// <summary>The answer of <see cref="EnablePreemption"/> and <see cref="ReleaseAndEnablePreemption"/> after which the task should give way.</summary>
    public static int GiveWay => 1;

    /// <summary>The running task, or null before there is one.</summary>
    public static object? CurrentTask
    {
        get => t_currentTask;
        set => t_currentTask = value;
    }

    /// <summary>The runtime's record of the running task: unused here, .NET has its own.</summary>
    public static nint RuntimeThread
    {
        get => t_runtimeThread;
        set => t_runtimeThread = value;
    }

    /// <summary>How many guards keep preemption off.</summary>
    public static int PreemptCount => t_preemptCount;

    /// <summary>The running task should give way as soon as preemption is possible.</summary>
    public static bool NeedReschedule
    {
        get => t_needReschedule;
        set => t_needReschedule = value;
    }

    /// <summary>The handler of a device interrupt runs.</summary>
    public static bool InInterrupt
    {
        get => t_inInterrupt;
        set => t_inInterrupt = value;
    }

    /// <summary>Turns preemption off; nests.</summary>
    public static void DisablePreemption()
    {
        t_preemptCount++;
        AtomicSections.OnChange();
    }

    /// <summary>Takes one <see cref="DisablePreemption"/> back.</summary>
    /// <returns><see cref="GiveWay"/> when preemption is on again and the task should give way, negative when it was not off, else 0.</returns>
    public static int EnablePreemption()
    {
        t_preemptCount--;
        AtomicSections.OnChange();
        return t_preemptCount < 0 ? -1 : t_preemptCount == 0 && t_needReschedule ? GiveWay : 0;
    }

    /// <summary>The fast path of a spinning lock in one call: turns preemption off, then makes this CPU the holder of a free lock.</summary>
    /// <returns>0 when this CPU has it now, else who has it; preemption is off in either case.</returns>
    public static int TakeWithoutPreemption(ref int holder)
    {
        DisablePreemption();
        return Interlocked.CompareExchange(ref holder, HolderId, 0);
    }

    /// <summary>Takes <see cref="TakeWithoutPreemption"/> back: frees the lock, then allows preemption.</summary>
    /// <returns>0, or <see cref="GiveWay"/>. Anything else when this CPU does not hold the lock.</returns>
    public static int ReleaseAndEnablePreemption(ref int holder)
    {
        if (Volatile.Read(ref holder) != HolderId)
        {
            return -1;
        }

        Volatile.Write(ref holder, 0);
        return EnablePreemption();
    }

    /// <summary>The block of a hosted CPU needs no preparation.</summary>
    public static void InitializeBootCpu()
    {
    }
}
