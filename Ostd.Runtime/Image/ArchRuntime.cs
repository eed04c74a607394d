// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>What the runtime asks of the architecture; each is a stub of the architecture's stub project.</summary>
// SAFETY: the linker binds each import to a stub of this signature, which keeps to the calling convention. Ranges for Zero, Move and
// DebugWrite are the caller's to vouch for. GetThread's result belongs to the running task, not to the CPU, so it stays right when the
// task is preempted; SetThread is called with interrupts off.
internal static unsafe class ArchRuntime
{
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchImageTable")]
    internal static extern ImageTable* ImageTable();

    /// <summary>Switches interrupts off on this CPU and tells how they stood.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchDisableInterrupts")]
    internal static extern nuint DisableInterrupts();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchRestoreInterrupts")]
    internal static extern void RestoreInterrupts(nuint flags);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetRuntimeThread")]
    internal static extern RuntimeThread* GetThread();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetRuntimeThread")]
    internal static extern void SetThread(RuntimeThread* thread);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchGetCpuHeap")]
    internal static extern CpuHeap* GetCpuHeap();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetCpuHeap")]
    internal static extern void SetCpuHeap(CpuHeap* cpu);

    /// <summary>Says where the allocation stubs of this CPU take cells from.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchSetAllocationCache")]
    internal static extern void SetAllocationCache(CpuHeap* cpu);

    /// <summary>What the write barrier's stubs look at; laid out as WriteBarrier says.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchBarrierState")]
    internal static extern byte* BarrierState();

    /// <summary>A record without cells.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEmptyAllocationCache")]
    internal static extern CpuHeap* EmptyAllocationCache();

    /// <summary>Makes a record without cells the one that this CPU allocates from, by which <see cref="IsInPolicy"/> knows.</summary>
    /// <returns>The record before.</returns>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEnterPolicy")]
    internal static extern CpuHeap* EnterPolicy();

    /// <summary>1 between <see cref="EnterPolicy"/> and the next <see cref="SetAllocationCache"/> of this CPU, else 0.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchIsInPolicy")]
    internal static extern int IsInPolicy();

    /// <summary>Calls with the callee-saved registers on the stack, at and above the stack pointer that is handed over.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchCallWithSavedRegisters")]
    internal static extern void CallWithSavedRegisters([NoAlloc] delegate*<nuint, nuint, void> function, nuint argument);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchPause")]
    internal static extern void Pause();

    /// <summary>A counter that runs at a constant rate; its unit is the architecture's.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadCycleCounter")]
    internal static extern ulong ReadCycleCounter();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchDebugWrite")]
    internal static extern void DebugWrite(byte* text, nint length);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchHalt")]
    internal static extern void Halt();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "RhpGcSafeZeroMemory")]
    internal static extern byte* Zero(byte* memory, nuint sizeBytes);

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "memmove")]
    internal static extern byte* Move(byte* destination, byte* source, nuint sizeBytes);
}
