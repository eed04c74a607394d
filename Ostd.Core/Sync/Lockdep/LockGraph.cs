// SPDX-License-Identifier: MPL-2.0
using System;
using System.Numerics;
using System.Threading;
using Ostd.Runtime;

namespace Ostd.Sync;

/// <summary>"B was taken while A was held", for all classes: a matrix of bits, and a trace for each edge. All memory is there from the start; edges only ever come.</summary>
// SAFETY: traces are captured into buffers of TraceLength entries on the caller's stack; everything else is arrays with checked bounds.
internal static unsafe class LockGraph
{
    public const int MaxEdges = 4096;
    public const int TraceLength = 14;

    private const int WordsPerNode = LockClasses.NodeCount / 64;
    private const int None = -1;

    private static RawSpinLock s_lock;
    private static ulong[] s_edges = null!;
    private static int[] s_edgeFrom = null!;
    private static int[] s_edgeTo = null!;
    private static nint[] s_edgeTraces = null!;
    private static int[] s_uses = null!;
    private static nint[] s_useTraces = null!;

    // Breadth-first search. Guarded by the lock.
    private static int[] s_cameFrom = null!;
    private static int[] s_queue = null!;

    private static int s_edgeCount;
    private static bool s_isFull;

    [InterruptSafe]
    public static int EdgeCount => Volatile.Read(ref s_edgeCount);

    public static bool IsFull => Volatile.Read(ref s_isFull);

    public static void Initialize()
    {
        s_edges = new ulong[LockClasses.NodeCount * WordsPerNode];
        s_edgeFrom = new int[MaxEdges];
        s_edgeTo = new int[MaxEdges];
        s_edgeTraces = new nint[MaxEdges * TraceLength];
        s_uses = new int[LockClasses.NodeCount];
        s_useTraces = new nint[LockClasses.NodeCount * 2 * TraceLength];
        s_cameFrom = new int[LockClasses.NodeCount];
        s_queue = new int[LockClasses.NodeCount];
    }

    [InterruptSafe]
    public static bool HasEdge(int from, int to) => (s_edges[from * WordsPerNode + to / 64] >> (to % 64) & 1) != 0;

    /// <summary>Where an edge was first seen; empty for no edge.</summary>
    [InterruptSafe]
    public static ReadOnlySpan<nint> TraceOf(int from, int to)
    {
        for (int edge = 0; edge < EdgeCount; edge++)
        {
            if (s_edgeFrom[edge] == from && s_edgeTo[edge] == to)
            {
                return s_edgeTraces.AsSpan(edge * TraceLength, TraceLength);
            }
        }

        return default;
    }

    /// <summary>Where a class was first used in a way.</summary>
    [InterruptSafe]
    public static ReadOnlySpan<nint> TraceOf(int node, LockUse use) => s_useTraces.AsSpan(UseIndex(node, use), TraceLength);

    /// <summary>Adds an edge, and reports the cycle that it closes.</summary>
    [InterruptSafe]
    public static void Add(int from, int to)
    {
        nint* trace = stackalloc nint[TraceLength];
        Capture(trace);
        Span<int> path = stackalloc int[LockReport.LongestPath];
        bool wereEnabled = s_lock.Enter();
        if (HasEdge(from, to))
        {
            s_lock.Exit(wereEnabled);
            return;
        }

        int length = FindPath(to, from, path);
        Insert(from, to, trace);
        s_lock.Exit(wereEnabled);
        if (length > 0)
        {
            LockReport.WriteCycle(from, to, path[..length]);
        }

        CheckInterrupts();
    }

    /// <summary>Notes how a spinning lock is taken, and reports what follows from it.</summary>
    [InterruptSafe]
    public static void Use(int node, LockUse use)
    {
        if ((s_uses[node] & (int)use) != 0)
        {
            return;
        }

        nint* trace = stackalloc nint[TraceLength];
        Capture(trace);
        bool wereEnabled = s_lock.Enter();
        bool isNew = (s_uses[node] & (int)use) == 0;
        if (isNew)
        {
            new ReadOnlySpan<nint>(trace, TraceLength).CopyTo(s_useTraces.AsSpan(UseIndex(node, use), TraceLength));
            s_uses[node] |= (int)use;
        }

        s_lock.Exit(wereEnabled);
        if (isNew)
        {
            CheckInterrupts();
        }
    }

    /// <summary>A lock is taken while another one of its class is held, and no order between the two is declared. Reported once for each class.</summary>
    [InterruptSafe]
    public static void RefuseSameClass(int node)
    {
        bool wereEnabled = s_lock.Enter();
        bool isNew = !HasEdge(node, node);
        s_edges[node * WordsPerNode + node / 64] |= 1ul << (node % 64);
        s_lock.Exit(wereEnabled);
        if (isNew)
        {
            LockReport.Write("possible recursive locking: another lock of its class is held, without a declared nesting", node);
        }
    }

    // Zero ends a trace that is shorter.
    [InterruptSafe]
    private static void Capture(nint* trace)
    {
        new Span<nint>(trace, TraceLength).Clear();
        StackWalker.Capture(trace, TraceLength, 0);
    }

    [InterruptSafe]
    private static int UseIndex(int node, LockUse use) => (node * 2 + (use == LockUse.InInterrupt ? 0 : 1)) * TraceLength;

    [InterruptSafe]
    private static void Insert(int from, int to, nint* trace)
    {
        s_edges[from * WordsPerNode + to / 64] |= 1ul << (to % 64);
        if (s_edgeCount == MaxEdges)
        {
            s_isFull = true;
            return;
        }

        s_edgeFrom[s_edgeCount] = from;
        s_edgeTo[s_edgeCount] = to;
        new ReadOnlySpan<nint>(trace, TraceLength).CopyTo(s_edgeTraces.AsSpan(s_edgeCount * TraceLength, TraceLength));
        Volatile.Write(ref s_edgeCount, s_edgeCount + 1);
    }

    // Gives the way from one node to another, both included, and its length; 0 when there is none.
    [InterruptSafe]
    private static int FindPath(int from, int to, Span<int> path)
    {
        Search(from, to);
        if (s_cameFrom[to] == None)
        {
            return 0;
        }

        int length = 1;
        for (int node = to; node != from; node = s_cameFrom[node])
        {
            length++;
        }

        // A longer way than can be shown keeps its beginning.
        int index = length - 1;
        for (int node = to; ; node = s_cameFrom[node], index--)
        {
            if (index < path.Length)
            {
                path[index] = node;
            }

            if (node == from)
            {
                return Math.Min(length, path.Length);
            }
        }
    }

    // Fills s_cameFrom with the shortest ways; ends early when the goal is found.
    [InterruptSafe]
    private static void Search(int from, int goal)
    {
        s_cameFrom.AsSpan().Fill(None);
        s_cameFrom[from] = from;
        s_queue[0] = from;
        int end = 1;
        for (int next = 0; next < end && (goal == None || s_cameFrom[goal] == None); next++)
        {
            int node = s_queue[next];
            for (int word = 0; word < WordsPerNode; word++)
            {
                for (ulong rest = s_edges[node * WordsPerNode + word]; rest != 0; rest &= rest - 1)
                {
                    int to = word * 64 + BitOperations.TrailingZeroCount(rest);
                    if (s_cameFrom[to] == None)
                    {
                        s_cameFrom[to] = node;
                        s_queue[end++] = to;
                    }
                }
            }
        }
    }

    // A class that handlers take, and from it, by edges, one that tasks take with interrupts on.
    [InterruptSafe]
    private static void CheckInterrupts()
    {
        for (int node = 0; node < s_uses.Length; node++)
        {
            if ((s_uses[node] & (int)LockUse.InInterrupt) != 0)
            {
                CheckInterrupts(node);
            }
        }
    }

    [InterruptSafe]
    private static void CheckInterrupts(int handlers)
    {
        int victim = None;
        bool wereEnabled = s_lock.Enter();
        Search(handlers, None);
        for (int node = 0; node < s_uses.Length && victim == None; node++)
        {
            const LockUse bits = LockUse.WithInterruptsOn | LockUse.Reported;
            if (s_cameFrom[node] != None && (s_uses[node] & (int)bits) == (int)LockUse.WithInterruptsOn)
            {
                s_uses[node] |= (int)LockUse.Reported;
                victim = node;
            }
        }

        s_lock.Exit(wereEnabled);
        if (victim != None)
        {
            LockReport.WriteInterruptInversion(handlers, victim);
        }
    }
}
