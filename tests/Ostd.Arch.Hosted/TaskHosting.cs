// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;

namespace Ostd.Arch;

/// <summary>Tasks as threads of the host.</summary>
public static class TaskHosting
{
    private const int StackSizeBytes = 1 << 20;
    private static Action? s_timerHandler;

    /// <summary>Tasks are threads of the host.</summary>
    public static bool IsHosted => true;

    /// <summary>What a task parks on.</summary>
    public static object CreateToken() => new SemaphoreSlim(0);

    /// <summary>Waits until <see cref="Unpark"/> was called since the last time.</summary>
    public static void Park(object token) => ((SemaphoreSlim)token).Wait();

    /// <summary>Ends the current or the next <see cref="Park"/>. Several count as one or as several: a task that is woken in vain looks again.</summary>
    public static void Unpark(object token) => ((SemaphoreSlim)token).Release();

    /// <summary>Runs a task on a thread of its own. Its end is that of the entry, or <see cref="ExitThread"/>.</summary>
    public static void Run(Action<object?> entry, object? state)
    {
        var thread = new Thread(
            () =>
            {
                try
                {
                    entry(state);
                }
                catch (ThreadExitException)
                {
                    // The task ended itself.
                }
            },
            StackSizeBytes)
        {
            IsBackground = true,
        };
        thread.Start();
    }

    /// <summary>Ends the current thread.</summary>
    [DoesNotReturn]
    public static void ExitThread() => throw new ThreadExitException();

    /// <summary>Returns when all threads have been seen outside of atomic mode.</summary>
    public static void WaitForAtomicSections() => AtomicSections.WaitForAll();

    /// <summary>Says what to call when the time of <see cref="CpuTimer.Arm"/> has come.</summary>
    [InterruptSafe]
    public static void SetTimerHandler(Action handler) => Volatile.Write(ref s_timerHandler, handler);

    internal static void RunTimerHandler()
    {
        // An interrupt handler runs with interrupts off.
        bool wereEnabled = Interrupts.Disable();
        try
        {
            Volatile.Read(ref s_timerHandler)?.Invoke();
        }
        finally
        {
            Interrupts.Restore(wereEnabled);
        }
    }

    private sealed class ThreadExitException : Exception;
}
