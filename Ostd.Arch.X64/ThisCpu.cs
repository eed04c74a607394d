// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Layout;

namespace Ostd.Arch;

/// <summary>
/// The block of data that belongs to the CPU on which the caller runs. Every access is one instruction; a value other than the current task's own is stable only while
/// preemption is off.
/// </summary>
public static partial class ThisCpu
{
    /// <summary>Number of this CPU, from 0.</summary>
    [InterruptSafe]
    public static int Id => GetCpuId();

    /// <summary>What a spinning lock remembers of its holder: not 0, and the same only for code that cannot both run at once.</summary>
    [InterruptSafe]
    public static int HolderId => HolderIdOf(GetCpuId());

    /// <summary>The answer of <see cref="EnablePreemption"/> and <see cref="ReleaseAndEnablePreemption"/> after which the task should give way.</summary>
    [InterruptSafe]
    public static int GiveWay => PerCpuLayout.GiveWay;

    /// <summary>The running task, or null before there is one. Whoever sets it keeps the object alive by other references: the collector does not look here.</summary>
    [InterruptSafe]
    public static object? CurrentTask
    {
        get => GetCurrentTask();
        set => SetCurrentTask(value);
    }

    /// <summary>The runtime's record of the running task.</summary>
    public static nint RuntimeThread
    {
        get => GetRuntimeThread();
        set => SetRuntimeThread(value);
    }

    /// <summary>How many guards keep preemption off.</summary>
    [InterruptSafe]
    public static int PreemptCount => GetPreemption() >> 1;

    /// <summary>The running task should give way as soon as preemption is possible.</summary>
    [InterruptSafe]
    public static bool NeedReschedule
    {
        get => (GetPreemption() & 1) == 0;
        set => SetNeedReschedule(value ? 1 : 0);
    }

    /// <summary>The handler of a device interrupt runs.</summary>
    [InterruptSafe]
    public static bool InInterrupt
    {
        get => GetInInterrupt() != 0;
        set => SetInInterrupt(value ? 1 : 0);
    }

    /// <summary>Turns preemption off; nests.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchDisablePreemption")]
    public static extern void DisablePreemption();

    /// <summary>Takes one <see cref="DisablePreemption"/> back.</summary>
    /// <returns><see cref="GiveWay"/> when preemption is on again and the task should give way, negative when it was not off, else 0.</returns>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEnablePreemption")]
    public static extern int EnablePreemption();

    /// <summary>The fast path of a spinning lock in one call: turns preemption off, then makes this CPU the holder of a free lock.</summary>
    /// <param name="holder">The lock's word: 0 or the <see cref="HolderId"/> of who has it.</param>
    /// <returns>0 when this CPU has it now, else who has it; preemption is off in either case.</returns>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchTakeWithoutPreemption")]
    public static extern int TakeWithoutPreemption(ref int holder);

    /// <summary>Takes <see cref="TakeWithoutPreemption"/> back: frees the lock, then allows preemption.</summary>
    /// <returns>0, or <see cref="GiveWay"/>. Anything else when this CPU does not hold the lock: it is not free then, and nobody can take it any more.</returns>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReleaseAndEnablePreemption")]
    public static extern int ReleaseAndEnablePreemption(ref int holder);

    // Odd and positive, so that the difference of two is nobody's number, and neither is that of a free lock's 0 and one.
    [InterruptSafe]
    internal static int HolderIdOf(int cpu) => (cpu << 1) + 1;

    // SAFETY: the register that the architecture keeps for it points to this CPU's block from InitializeBootCpu, or the CPU's start, on; the pointer is used with preemption off.
    [InterruptSafe]
    internal static unsafe byte* Block => (byte*)PerCpuSelf();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEmptyAllocationCache")]
    internal static extern nint EmptyAllocationCache();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchPerCpuSelf")]
    private static extern nint PerCpuSelf();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetCpuId")]
    private static extern int GetCpuId();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetCurrentTask")]
    private static extern object? GetCurrentTask();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetCurrentTask")]
    private static extern void SetCurrentTask(object? task);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetRuntimeThread")]
    private static extern nint GetRuntimeThread();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetRuntimeThread")]
    private static extern void SetRuntimeThread(nint thread);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetPreemption")]
    private static extern int GetPreemption();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetNeedReschedule")]
    private static extern void SetNeedReschedule(int value);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetInInterrupt")]
    private static extern int GetInInterrupt();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetInInterrupt")]
    private static extern void SetInInterrupt(int value);
}
