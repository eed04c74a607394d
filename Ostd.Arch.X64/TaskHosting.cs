// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Ostd.Arch;

/// <summary>
/// On a real machine OSTD's scheduler runs tasks. The hosted architecture, which has this class too, runs them on threads of .NET instead and says so by <see cref="IsHosted"/>; that
/// is a constant for the compiler, so that the branches vanish, and the other members are never reached here.
/// </summary>
public static class TaskHosting
{
    /// <summary>Tasks are threads of the host.</summary>
    [InterruptSafe]
    public static bool IsHosted => false;

    /// <summary>What a task parks on.</summary>
    public static object CreateToken() => throw new UnreachableException();

    /// <summary>Waits until <see cref="Unpark"/> was called since the last time.</summary>
    [NoAlloc]
    public static void Park(object token) => NotHosted();

    /// <summary>Ends the current or the next <see cref="Park"/>.</summary>
    [InterruptSafe]
    public static void Unpark(object token) => NotHosted();

    /// <summary>Runs a task.</summary>
    public static void Run(Action<object?> entry, object? state) => throw new UnreachableException();

    /// <summary>Ends the current thread.</summary>
    [DoesNotReturn]
    public static void ExitThread() => throw new UnreachableException();

    /// <summary>Returns when all threads have been seen outside of atomic mode.</summary>
    public static void WaitForAtomicSections() => throw new UnreachableException();

    /// <summary>Says what to call when the time of <see cref="CpuTimer.Arm"/> has come.</summary>
    public static void SetTimerHandler(Action handler) => throw new UnreachableException();

    [DoesNotReturn]
    private static void NotHosted() => throw new UnreachableException();
}
