// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// Lock-order checking, after Linux's lockdep: in debug kernels alone, each lock tells here when it is taken and released.
/// </summary>
/// <remarks>
/// <para>Locks made at one place of the source are one class (<see cref="LockClasses"/>). "B was taken while A was held" is an edge from A's class to B's (<see cref="LockGraph"/>). An edge that closes a cycle is a
/// deadlock that can happen, whether it did or not: each cycle is reported once. So is a spinning lock that an interrupt handler takes, or one taken below such a lock, which tasks take with interrupts on; a lock
/// that a task takes twice, or two locks of one class without a declared order; and a lock that is released by a task that does not hold it.</para>
/// <para>The framework's <see cref="RawSpinLock"/>s are not in the graph: they are the innermost locks, and what this class itself is made of.</para>
/// </remarks>
public static class LockOrder
{
    private static HeldLocks[]? s_interruptHeld;
    private static bool s_isOn;
    private static int s_reportCount;

    /// <summary>Violations reported since boot.</summary>
    public static int ReportCount => Volatile.Read(ref s_reportCount);

    /// <summary>Classes of locks, as many as there are places that make one; and how many there can be.</summary>
    public static (int Count, int Limit) Classes => (LockClasses.Count, LockClasses.MaxCount);

    /// <summary>Pairs of classes of which the second was taken while the first was held; and how many there can be.</summary>
    public static (int Count, int Limit) Dependencies => (LockGraph.EdgeCount, LockGraph.MaxEdges);

    /// <summary>True when something did not fit, and checking is no longer complete.</summary>
    public static bool IsIncomplete => LockClasses.IsFull || LockGraph.IsFull || HeldLocks.HasAnyOverflowed;

    /// <summary>Whether a violation is a panic (<c>lockdep.panic</c>).</summary>
    public static bool IsFatal { get; set; }

    /// <summary>Reserves the memory. From here on locks have classes.</summary>
    internal static void Initialize()
    {
        LockGraph.Initialize();
        LockClasses.Initialize();
        var held = new HeldLocks[Cpus.Cpu.MaxCount];
        for (int cpu = 0; cpu < held.Length; cpu++)
        {
            held[cpu] = new HeldLocks();
        }

        s_interruptHeld = held;
    }

    /// <summary>Begins to check: by now everything that runs is a task. No lock is held.</summary>
    internal static void Start(ReadOnlySpan<char> commandLine)
    {
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            IsFatal |= word is "lockdep.panic" or "lockdep.panic=1";
        }

        s_isOn = true;
    }

    /// <summary>A spinning lock is about to be taken.</summary>
    [InterruptSafe]
    internal static void TakeSpinning(object taken, int lockClass, int subclass, bool isInOrder)
    {
        if (Enter(lockClass) is not HeldLocks held)
        {
            return;
        }

        int node = LockClasses.NodeOf(lockClass, subclass);
        if (ThisCpu.InInterrupt)
        {
            LockGraph.Use(node, LockUse.InInterrupt);
        }
        else if (Interrupts.AreEnabled)
        {
            LockGraph.Use(node, LockUse.WithInterruptsOn);
        }

        Take(held, taken, node, isInOrder);
    }

    /// <summary>A sleeping lock is about to be taken, by a caller that waits for it.</summary>
    internal static void TakeSleeping(object taken, int lockClass, int subclass)
    {
        if (Enter(lockClass) is HeldLocks held)
        {
            Take(held, taken, LockClasses.NodeOf(lockClass, subclass), isInOrder: false);
        }
    }

    /// <summary>A sleeping lock was free and is taken: nobody waited, so nothing follows about the order.</summary>
    internal static void TakeWithoutWait(object taken, int lockClass)
    {
        if (Enter(lockClass) is not HeldLocks held)
        {
            return;
        }

        int node = LockClasses.NodeOf(lockClass, 0);
        if (AtomicMode.IsActive)
        {
            LockReport.Write("sleeping lock taken in atomic mode", node);
        }

        held.Push(taken, node);
    }

    /// <summary>A lock is about to be released.</summary>
    [InterruptSafe]
    internal static void Release(object released, int lockClass)
    {
        if (Enter(lockClass) is HeldLocks held && !held.Remove(released))
        {
            LockReport.Write("lock released by a task that does not hold it", LockClasses.NodeOf(lockClass, 0));
        }
    }

    /// <summary>The current task is at a point where it may hold no lock: it ends, or enters user mode.</summary>
    internal static void CheckNoneHeld()
    {
        if (s_isOn && ThisCpu.CurrentTask is Task task && task.Held.Count != 0)
        {
            LockReport.Write("lock still held by a task that ends or enters user mode", task.Held.NodeAt(task.Held.Count - 1));
            task.Held.Clear();
        }
    }

    /// <summary>Counts a report.</summary>
    [InterruptSafe]
    internal static void CountReport() => Interlocked.Increment(ref s_reportCount);

    // The locks held in the context that calls: the task, or the interrupt handler that runs on top of it.
    [InterruptSafe]
    private static HeldLocks? Enter(int lockClass)
    {
        if (!s_isOn || lockClass == 0)
        {
            return null;
        }

        return ThisCpu.InInterrupt ? s_interruptHeld![ThisCpu.Id] : (ThisCpu.CurrentTask as Task)?.Held;
    }

    [InterruptSafe]
    private static void Take(HeldLocks held, object taken, int node, bool isInOrder)
    {
        for (int i = 0; i < held.Count; i++)
        {
            int outer = held.NodeAt(i);
            if (held.LockAt(i) == taken)
            {
                LockReport.Write("possible recursive locking: the task holds it already", node);
            }
            else if (outer == node)
            {
                if (!isInOrder)
                {
                    LockGraph.RefuseSameClass(node);
                }
            }
            else if (!LockGraph.HasEdge(outer, node))
            {
                LockGraph.Add(outer, node);
            }
        }

        held.Push(taken, node);
    }
}
