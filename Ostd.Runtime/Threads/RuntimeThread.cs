// SPDX-License-Identifier: MPL-2.0

using System.Runtime;
using System.Runtime.InteropServices;
using System.Threading;

namespace Ostd.Runtime;

/// <summary>
/// What the runtime knows of one task: its stack, its thread statics, its exceptions in flight. It lives in native memory and belongs to the
/// task, never to a CPU; the per-CPU block points at the running task's.
/// </summary>
/// <remarks>
/// Contract with the task system: <see cref="Create"/> before a task first runs and <see cref="Destroy"/> when it never will again;
/// <see cref="BeginSwitch"/> on every switch, with interrupts off; <see cref="SavedStackPointer"/> is set by the switch away, to an
/// address at or below every register saved for the task (callee-saved ones and any FP area), and is 0 while the task runs. The collector
/// scans from there to <see cref="StackHigh"/>.
/// </remarks>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct RuntimeThread
{
    /// <summary>The lowest address of the stack.</summary>
    public nuint StackLow;

    /// <summary>The end of the stack, past its highest byte.</summary>
    public nuint StackHigh;

    // Newest ExInfo first (CoreLib's struct); at offset 16, known to the stubs.
    internal void* ExInfoHead;

    // object[][], the storage of [ThreadStatic] fields: a root of the collector.
    internal nuint ThreadStatics;

    internal RuntimeThread* Next;
    internal RuntimeThread* Previous;

    /// <summary>Where a parked task's stack ends; 0 while it runs.</summary>
    public nuint SavedStackPointer;

    /// <summary>A further area with saved registers outside of the stack, or 0.</summary>
    public nuint ExtraRootsStart;

    /// <summary>Size of that area, a multiple of 8.</summary>
    public nuint ExtraRootsSizeBytes;

    // See HeapLimit.
    internal int ReserveDepth;
    internal int IsOutOfMemory;

    // See HeapFailure.
    internal int MayFail;
    internal uint FailNth;

    // Registers at the last throw, for reports.
    internal LimitedContext LastThrow;

    // The fault whose exception is made next.
    internal HardwareFault LastFault;

    internal ulong Id;
    internal int ErrorNumber;

    internal int NoAllocationDepth;

    // 1 when the stack may have changed since a collection looked through it; a new task's was never looked through.
    internal int HasRunSinceScan;

    // The unmanaged callback that CoreLib wants called at a thread's end; the same for all.
    private static delegate* unmanaged<void> s_exitCallback;
    private static RuntimeThread* s_first;
    private static RuntimeThread* s_boot;
    private static ulong s_lastId;
    private static RuntimeThread* s_visited;
    private static RuntimeLock s_lock;

    [NoAlloc]
    internal static RuntimeThread* First => s_first;

    /// <summary>The running task's.</summary>
    [InterruptSafe]
    public static RuntimeThread* Current => ArchRuntime.GetThread();

    /// <summary>Makes a task the running one of this CPU, as far as the runtime is concerned.</summary>
    /// <param name="thread">The task's.</param>
    [InterruptSafe]
    public static void SetCurrent(RuntimeThread* thread) => ArchRuntime.SetThread(thread);

    /// <summary>Makes an allocation a panic until <see cref="AllowAllocation"/>: in interrupt handlers. Nests; with interrupts off throughout.</summary>
    [InterruptSafe]
    public static void ForbidAllocation()
    {
        // SAFETY: the record is the running task's; interrupts are off, so the CPU stays the same too.
        ArchRuntime.GetThread()->NoAllocationDepth++;
        ArchRuntime.SetAllocationCache(ArchRuntime.EmptyAllocationCache());
    }

    /// <summary>Takes one <see cref="ForbidAllocation"/> back.</summary>
    [InterruptSafe]
    public static void AllowAllocation()
    {
        // SAFETY: as above. A CPU without a record keeps the empty cache.
        CpuHeap* cpu = ArchRuntime.GetCpuHeap();
        if (--ArchRuntime.GetThread()->NoAllocationDepth == 0 && cpu != null)
        {
            ArchRuntime.SetAllocationCache(cpu);
        }
    }

    /// <summary>
    /// A policy is called under the framework's innermost locks, the heap's perhaps among them: until <see cref="LeavePolicy"/> the runtime takes no lock of its own on this CPU, and who makes it is stopped by a panic
    /// instead of waiting for itself. Does not nest; with interrupts off throughout.
    /// </summary>
    /// <returns>What <see cref="LeavePolicy"/> wants back.</returns>
    // SAFETY: the CPU stays the same. An allocation finds no cells, and comes to GcHeap.Allocate, which looks.
    [InterruptSafe]
    public static nint EnterPolicy() => (nint)ArchRuntime.EnterPolicy();

    /// <summary>Takes <see cref="EnterPolicy"/> back.</summary>
    // SAFETY: as above; the record is the one that was there.
    [InterruptSafe]
    public static void LeavePolicy(nint before) => ArchRuntime.SetAllocationCache((CpuHeap*)before);

    /// <summary>Whether this CPU is between the two.</summary>
    [InterruptSafe]
    public static bool IsInPolicy => ArchRuntime.IsInPolicy() != 0;

    /// <summary>Ends the kernel when a policy came to something that takes the heap's lock, which may be held.</summary>
    [InterruptSafe]
    internal static void CheckNotInPolicy()
    {
        if (IsInPolicy)
        {
            RuntimePanic.Fail("a policy allocated or collected");
        }
    }

    /// <summary>Makes one for a task that has not run yet.</summary>
    /// <param name="stackLow">The stack's lowest address.</param>
    /// <param name="stackHigh">The address past its highest byte.</param>
    /// <returns>Null when memory is short.</returns>
    public static RuntimeThread* Create(nuint stackLow, nuint stackHigh)
    {
        // SAFETY: the block is as large as the struct, zeroed, and unknown to anybody else.
        RuntimeThread* thread = (RuntimeThread*)NativeHeap.AllocateZeroed((nuint)sizeof(RuntimeThread));
        if (thread != null)
        {
            thread->StackLow = stackLow;
            thread->StackHigh = stackHigh;
            thread->SavedStackPointer = stackHigh;
            thread->HasRunSinceScan = 1;
            Link(thread);
        }

        return thread;
    }

    /// <summary>Ends a task's. The task doesn't run, and never will again.</summary>
    /// <param name="thread">The task's, not the current one.</param>
    [InterruptSafe]
    public static void Destroy(RuntimeThread* thread)
    {
        nuint flags = s_lock.EnterWithoutPoll();
        // SAFETY: the list is changed under its lock alone.
        if (s_visited == thread)
        {
            s_visited = thread->Next;
        }

        if (thread->Previous != null)
        {
            thread->Previous->Next = thread->Next;
        }
        else
        {
            s_first = thread->Next;
        }

        if (thread->Next != null)
        {
            thread->Next->Previous = thread->Previous;
        }

        s_lock.Exit(flags);
        // The boot thread's block is part of the image.
        if (thread != s_boot)
        {
            NativeHeap.Free(thread);
        }
    }

    /// <summary>Tells the runtime of a switch between tasks, with interrupts off, before the registers are saved. <see cref="SetCurrent"/> is part of it.</summary>
    /// <param name="from">The running task's.</param>
    /// <param name="to">That of the task which runs next.</param>
    /// <returns>Where the next task's registers are saved.</returns>
    [InterruptSafe]
    public static nuint BeginSwitch(RuntimeThread* from, RuntimeThread* to)
    {
        // SAFETY: both belong to tasks that exist; the one is running here and the other nowhere. The order of the stores is part of Roots.MarkParked.
        from->HasRunSinceScan = 1;
        nuint stackPointer = to->SavedStackPointer;
        Volatile.Write(ref to->SavedStackPointer, 0);
        Volatile.Write(ref to->HasRunSinceScan, 1);
        SetCurrent(to);
        return stackPointer;
    }

    /// <summary>Begins a visit of all threads; those that are made later are left out.</summary>
    [NoAlloc]
    internal static void BeginVisit()
    {
        nuint flags = s_lock.EnterWithoutPoll();
        s_visited = s_first;
        s_lock.Exit(flags);
    }

    /// <summary>Calls the visitor with the next thread, which is not destroyed meanwhile.</summary>
    /// <returns>False when there was none left.</returns>
    [NoAlloc]
    internal static bool VisitNext(CpuHeap* cpu, [NoAlloc] delegate*<CpuHeap*, RuntimeThread*, void> visitor)
    {
        nuint flags = s_lock.EnterWithoutPoll();
        RuntimeThread* thread = s_visited;
        if (thread != null)
        {
            s_visited = thread->Next;
            visitor(cpu, thread);
        }

        s_lock.Exit(flags);
        return thread != null;
    }

    /// <summary>Lets CoreLib forget the running task. Called by a task as its last managed action.</summary>
    public static void NotifyExit()
    {
        if (s_exitCallback != null)
        {
            s_exitCallback();
        }
    }

    internal static void InitializeBoot(ImageTable* image)
    {
        // SAFETY: the boot stub made room and pointed the per-CPU block at it.
        RuntimeThread* thread = Current;
        s_boot = thread;
        thread->StackLow = image->BootStackLow;
        thread->StackHigh = image->BootStackHigh;
        thread->HasRunSinceScan = 1;
        Link(thread);
    }

    private static void Link(RuntimeThread* thread)
    {
        nuint flags = s_lock.EnterWithoutPoll();
        thread->Id = ++s_lastId;
        thread->Previous = null;
        thread->Next = s_first;
        if (s_first != null)
        {
            s_first->Previous = thread;
        }

        s_first = thread;
        s_lock.Exit(flags);
    }

    [RuntimeExport("RhGetThreadStaticStorage")]
    private static nuint* GetThreadStaticStorage() => &ArchRuntime.GetThread()->ThreadStatics;

    [RuntimeExport("RhCurrentOSThreadId")]
    private static ulong CurrentThreadId() => ArchRuntime.GetThread()->Id;

    [RuntimeExport("RhCurrentNativeThreadId")]
    private static nint CurrentNativeThreadId() => (nint)ArchRuntime.GetThread()->Id;

    [RuntimeExport("RhpGetCurrentThread")]
    private static nint GetCurrentThread() => (nint)ArchRuntime.GetThread();

    [RuntimeExport("RhSetThreadExitCallback")]
    private static void SetThreadExitCallback(delegate* unmanaged<void> callback) => s_exitCallback = callback;

    // CoreLib asks for the bounds to guard deep recursion and wants 128 KiB of headroom on 64-bit targets, more than a kernel stack is.
    // It is told the true top and a bottom that leaves the check to the guard page.
    [RuntimeExport("RhGetCurrentThreadStackBounds")]
    private static void GetCurrentThreadStackBounds(out nint low, out nint high)
    {
        RuntimeThread* thread = ArchRuntime.GetThread();
        low = (nint)thread->StackLow - 192 * 1024;
        high = (nint)thread->StackHigh;
    }
}
