// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime.Tests;

internal static class GcTests
{
    private sealed class Node(int value)
    {
        internal readonly int Value = value;
        internal Node? Left;
        internal Node? Right;
    }

    private static Node MakeTree(int depth) => depth == 0
        ? new Node(1)
        : new Node(depth) { Left = MakeTree(depth - 1), Right = MakeTree(depth - 1) };

    private static int CountTree(Node? node) => node == null ? 0 : 1 + CountTree(node.Left) + CountTree(node.Right);

    internal static void ObjectGraph()
    {
        Node tree = MakeTree(10);
        for (int i = 0; i < 3; i++)
        {
            MakeTree(9);
            GarbageCollector.Collect();
            Check.Equal(2047, CountTree(tree), "tree");
        }
    }

    // Overwrites what was freed, so that a dead object's memory does not look alive.
    private static void Churn()
    {
        GarbageCollector.Collect();
        for (int i = 0; i < 200; i++)
        {
            byte[] bytes = new byte[40 + i];
            bytes.AsSpan().Fill(0xee);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Span<int> MiddleOfNewArray()
    {
        int[] array = new int[100];
        for (int i = 0; i < array.Length; i++)
        {
            array[i] = i * 3;
        }

        return array.AsSpan(40, 20);
    }

    // Pinned arrays, like what CoreLib makes at boot, do not go by the stubs. The count of bytes is by runs, and a collection may throw one per class away.
    internal static void ASlowAllocationTakesOneCell()
    {
        const int Count = 1000;
        const int Slack = 64 * 1024;
        GarbageCollector.Collect();
        ulong before = GarbageCollector.TotalAllocatedBytes;
        byte[][] arrays = new byte[Count][];
        for (int i = 0; i < Count; i++)
        {
            arrays[i] = GC.AllocateArray<byte>(8, pinned: true);
        }

        ulong allocated = GarbageCollector.TotalAllocatedBytes - before;
        Check.True(allocated <= Count * 64 + Slack, "bytes taken for small arrays: " + allocated);
        GC.KeepAlive(arrays);
    }

    internal static void TheBootHeapHasRoom() =>
        Check.True(GcReport.BootHeapUsedBytes * 4 <= GcReport.BootHeapBytes * 3, "bytes of the boot heap in use: " + GcReport.BootHeapUsedBytes);

    internal static void InteriorPointers()
    {
        Span<int> middle = MiddleOfNewArray();
        ref int field = ref FieldOfNewObject();
        Churn();
        for (int i = 0; i < middle.Length; i++)
        {
            Check.Equal((40 + i) * 3, middle[i], "span as the only root");
        }

        Check.Equal(77, field, "reference to a field as the only root");
    }

    private sealed class WithField
    {
        internal long Before = 1;
        internal int Field = 77;
        internal long After = 2;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ref int FieldOfNewObject() => ref new WithField().Field;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReadOnlySpan<long> EndOfNewArray() => new long[] { 1, 2, 3 }.AsSpan(3);

    internal static void SpanEnd()
    {
        ReadOnlySpan<long> end = EndOfNewArray();
        Churn();
        Check.Equal(0, end.Length, "an empty span at an array's end is harmless");
    }

    private struct Pair
    {
        internal long Number;
        internal string? Text;
        internal int Small;
        internal object? Boxed;
    }

    internal static void ArraysOfStructs()
    {
        Pair[] pairs = new Pair[300];
        KeyValuePair<string, Node>[] nodes = new KeyValuePair<string, Node>[50];
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = new Pair { Number = i, Text = "t" + i, Small = -i, Boxed = i };
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new KeyValuePair<string, Node>("n" + i, new Node(i));
        }

        Churn();
        for (int i = 0; i < pairs.Length; i++)
        {
            Check.Equal("t" + i, pairs[i].Text, "text");
            Check.Equal(i, (int)pairs[i].Boxed!, "boxed");
            Check.Equal(i, pairs[i].Number, "number");
        }

        for (int i = 0; i < nodes.Length; i++)
        {
            Check.Equal(i, nodes[i].Value.Value, "node");
        }

        Pair?[] optional = [new Pair { Text = "o" + nodes.Length }, null];
        Node[][] jagged = [[new Node(1)], [new Node(2), new Node(3)]];
        string[,] matrix = { { "a" + pairs.Length, "b" }, { "c", "d" + pairs.Length } };
        Churn();
        Check.Equal("o50", optional[0]!.Value.Text, "nullable struct");
        Check.Equal(3, jagged[1][1].Value, "jagged array");
        Check.Equal("d300", matrix[1, 1], "matrix");
    }

    private static Node? s_static;
    private static Pair s_staticStruct;

    internal static void StaticsAreRoots()
    {
        SetStatics();
        Churn();
        Check.Equal(127, CountTree(s_static), "static");
        Check.Equal("kept1", s_staticStruct.Text, "static struct");
        s_static = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void SetStatics()
    {
        s_static = MakeTree(6);
        s_staticStruct = new Pair { Text = "kept" + s_static.Left!.Left!.Value / 4 };
    }

    [ThreadStatic]
    private static Node? t_node;

    internal static void ThreadStaticsAreRoots()
    {
        t_node = MakeTree(5);
        Churn();
        Check.Equal(63, CountTree(t_node), "thread static");
        t_node = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference<Node>[] MakeWeak(int count, Node kept)
    {
        var result = new WeakReference<Node>[count];
        for (int i = 0; i < count; i++)
        {
            result[i] = new WeakReference<Node>(i == 0 ? kept : new Node(i));
        }

        return result;
    }

    // Clears what earlier calls left in registers and on the stack, which a conservative scan would believe.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void ClearStack()
    {
        byte* room = stackalloc byte[4096];
        new Span<byte>(room, 4096).Clear();
    }

    internal static void WeakReferences()
    {
        var kept = new Node(0);
        WeakReference<Node>[] weak = MakeWeak(100, kept);
        ClearStack();
        Churn();
        Check.True(weak[0].TryGetTarget(out Node? target) && target == kept, "living target");
        int dead = 0;
        for (int i = 1; i < weak.Length; i++)
        {
            if (!weak[i].TryGetTarget(out _))
            {
                dead++;
            }
        }

        // A few may be kept by stale words on the stack.
        Check.True(dead >= 95, "dead targets: " + dead);
        GC.KeepAlive(kept);
    }

    internal static void DependentHandles()
    {
        var key = new Node(1);
        var table = new ConditionalWeakTable<Node, Node>();
        FillTable(table, key);
        Churn();
        Check.True(table.TryGetValue(key, out Node? first), "value of a living key");
        Check.True(table.TryGetValue(first!, out Node? second) && second.Value == 3, "chain of dependents");

        DependentHandle handle = DeadHandle();
        ClearStack();
        Churn();
        Check.True(handle.Target == null && handle.Dependent == null, "handle of a dead key");
        handle.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void FillTable(ConditionalWeakTable<Node, Node> table, Node key)
    {
        var second = new Node(2);
        table.Add(second, new Node(3));
        table.Add(key, second);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static DependentHandle DeadHandle() => new(new Node(4), new Node(5));

    internal static void MemoryIsReclaimed()
    {
        GarbageCollector.Collect();
        ulong before = GarbageCollector.LiveBytes;
        uint interval = GarbageCollector.StressInterval;
        GarbageCollector.StressInterval = 0;
        for (int i = 0; i < 100_000; i++)
        {
            GC.KeepAlive(new byte[i % 600]);
            GC.KeepAlive(new Node(i));
        }

        GarbageCollector.StressInterval = interval;
        GarbageCollector.Collect();
        Check.True(GarbageCollector.LiveBytes < before + 64 * 1024, "live bytes stay");
    }

    internal static void LargeObjects()
    {
        var kept = new List<byte[]>();
        for (int i = 1; i < 20; i++)
        {
            byte[] array = new byte[i * 37_000];
            array[0] = (byte)i;
            array[^1] = (byte)(i + 1);
            if (i % 3 == 0)
            {
                kept.Add(array);
            }
        }

        Churn();
        for (int i = 0; i < kept.Count; i++)
        {
            int number = (i + 1) * 3;
            Check.Equal(number * 37_000, kept[i].Length, "length");
            Check.True(kept[i][0] == number && kept[i][^1] == number + 1, "contents");
            Check.Equal(0, kept[i][kept[i].Length / 2], "zeroed");
        }

        ReadOnlySpan<byte> tail = TailOfLargeArray();
        Churn();
        Check.Equal(99, tail[^1], "interior pointer deep into a large object");
        object[] references = new object[30_000];
        for (int i = 0; i < references.Length; i += 100)
        {
            references[i] = new Node(i);
        }

        Churn();
        for (int i = 0; i < references.Length; i += 100)
        {
            Check.Equal(i, ((Node)references[i]).Value, "large array of references");
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReadOnlySpan<byte> TailOfLargeArray()
    {
        byte[] array = new byte[300_000];
        array[^1] = 99;
        return array.AsSpan(299_990);
    }

    internal static void DeepList()
    {
        uint interval = GarbageCollector.StressInterval;
        GarbageCollector.StressInterval = 0;
        Node? head = null;
        for (int i = 0; i < 100_000; i++)
        {
            head = new Node(i) { Left = head };
        }

        GarbageCollector.StressInterval = interval;
        Churn();
        int count = 0;
        for (Node? node = head; node != null; node = node.Left)
        {
            count++;
        }

        Check.Equal(100_000, count, "nodes");
    }

    // Arrays whose last element is the next one: what is found last is followed first, so the others pile up.
    internal static void WideArrays()
    {
        const int length = 1500;
        uint interval = GarbageCollector.StressInterval;
        GarbageCollector.StressInterval = 0;
        object[] first = new object[length];
        object[] current = first;
        for (int level = 0; level < 40; level++)
        {
            for (int i = 0; i < length - 1; i++)
            {
                current[i] = new Node(i) { Right = new Node(-i) };
            }

            object[] next = new object[length];
            current[length - 1] = next;
            current = next;
        }

        ulong overflows = GarbageCollector.MarkOverflowCount;
        GarbageCollector.Collect();
        Check.True(GarbageCollector.MarkOverflowCount > overflows, "the mark stack overflowed");
        GarbageCollector.StressInterval = interval;
        Churn();
        for (object[] array = first; array[length - 1] is object[] next; array = next)
        {
            for (int i = 0; i < length - 1; i++)
            {
                Check.Equal(-i, ((Node)array[i]).Right!.Value, "behind the overflow");
            }
        }
    }

    // Looked through in pieces.
    internal static void HugeArrays()
    {
        uint interval = GarbageCollector.StressInterval;
        GarbageCollector.StressInterval = 0;
        Node[] nodes = new Node[50_000];
        Pair[] pairs = new Pair[20_000];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new Node(i) { Right = new Node(-i) };
        }

        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] = new Pair { Number = i, Text = "p" + i, Boxed = i };
        }

        GarbageCollector.StressInterval = interval;
        Churn();
        for (int i = 0; i < nodes.Length; i++)
        {
            Check.Equal(-i, nodes[i].Right!.Value, "node of a huge array");
        }

        for (int i = 0; i < pairs.Length; i++)
        {
            Check.True(pairs[i].Text is ['p', ..] && (int)pairs[i].Boxed! == i, "struct of a huge array");
        }
    }

    internal static void Fragmentation()
    {
        var random = new Random(1);
        byte[]?[] kept = new byte[]?[500];
        for (int i = 0; i < 5000; i++)
        {
            byte[] bytes = new byte[random.Next(3000)];
            bytes.AsSpan().Fill((byte)bytes.Length);
            kept[random.Next(kept.Length)] = bytes;
        }

        foreach (byte[]? bytes in kept)
        {
            if (bytes != null)
            {
                Check.True(bytes.AsSpan().IndexOfAnyExcept((byte)bytes.Length) < 0, "contents");
            }
        }
    }

    private static readonly Node s_frozen = new(8);

    internal static void FrozenObjects()
    {
        s_frozen.Left = MakeTree(4);
        Churn();
        Check.Equal(31, CountTree(s_frozen.Left), "what a preinitialised object refers to");
        s_frozen.Left = null;
    }

    internal static void OutOfMemory()
    {
        uint interval = GarbageCollector.StressInterval;
        GarbageCollector.StressInterval = 0;
        GarbageCollector.Collect();
        long available = TestPages.AvailableBytes;
        TestPages.AvailableBytes = 2 * 1024 * 1024;
        int blocks = 0;
        bool isOut = false;
        var kept = new List<byte[]>();
        try
        {
            for (; blocks < 10_000; blocks++)
            {
                kept.Add(new byte[8000]);
            }
        }
        catch (OutOfMemoryException)
        {
            isOut = true;
        }

        kept = null;
        TestPages.AvailableBytes += available - 2 * 1024 * 1024;
        GarbageCollector.StressInterval = interval;
        Check.True(isOut, "small objects");
        Check.True(blocks > 50, "some fitted: " + blocks);
        Check.Throws<OutOfMemoryException>(static () => GC.KeepAlive(new long[200_000_000]), "huge array");
        Churn();
        GC.KeepAlive(new byte[100_000]);
    }

    internal static void HashCodesStay()
    {
        object[] objects = new object[100];
        int[] codes = new int[100];
        for (int i = 0; i < objects.Length; i++)
        {
            objects[i] = new object();
            codes[i] = objects[i].GetHashCode();
        }

        Churn();
        for (int i = 0; i < objects.Length; i++)
        {
            Check.Equal(codes[i], objects[i].GetHashCode(), "hash code");
        }
    }
}
