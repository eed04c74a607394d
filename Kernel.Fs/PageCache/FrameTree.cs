// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Kernel.Fs.PageCache;

/// <summary>
/// A sparse array of frames: a radix tree of 64-way nodes that grows in height with the highest index. Not synchronised. <see cref="TryPrepare"/> makes the nodes for an index ahead of time, so that
/// <see cref="Set"/> allocates nothing and can run under a spinning lock.
/// </summary>
internal sealed class FrameTree
{
    private const int BitsPerLevel = 6;
    private const int FanOut = 1 << BitsPerLevel;

    private Node _root = new(isLeaf: true);
    private int _height = 1;

    /// <summary>Frames held.</summary>
    public long Count { get; private set; }

    /// <summary>The frame of an index; the null handle for a hole.</summary>
    public Frame Get(long index)
    {
        var node = _root;
        if (_height * BitsPerLevel < 63 && index >> (_height * BitsPerLevel) != 0)
        {
            return default;
        }

        for (var level = _height - 1; level > 0; level--)
        {
            if (node.Children![(int)(index >> (level * BitsPerLevel)) & (FanOut - 1)] is not { } child)
            {
                return default;
            }

            node = child;
        }

        return node.Frames![(int)index & (FanOut - 1)];
    }

    /// <summary>True when <see cref="Set"/> of the index needs no new node.</summary>
    public bool IsPrepared(long index)
    {
        if (index >> (_height * BitsPerLevel) != 0)
        {
            return false;
        }

        var node = _root;
        for (var level = _height - 1; level > 0; level--)
        {
            if (node.Children![(int)(index >> (level * BitsPerLevel)) & (FanOut - 1)] is not { } child)
            {
                return false;
            }

            node = child;
        }

        return true;
    }

    /// <summary>Makes the nodes for an index out of the spare ones.</summary>
    /// <returns>False when more spare nodes are needed.</returns>
    public bool TryPrepare(long index, NodeSupply spares)
    {
        while (index >> (_height * BitsPerLevel) != 0)
        {
            if (spares.TakeInner() is not { } root)
            {
                return false;
            }

            root.Children![0] = _root;
            _root = root;
            _height++;
        }

        var node = _root;
        for (var level = _height - 1; level > 0; level--)
        {
            ref var child = ref node.Children![(int)(index >> (level * BitsPerLevel)) & (FanOut - 1)];
            if (child is null)
            {
                child = level == 1 ? spares.TakeLeaf() : spares.TakeInner();
                if (child is null)
                {
                    return false;
                }
            }

            node = child;
        }

        return true;
    }

    /// <summary>Puts a frame, or the null handle, at a prepared index; returns what was there.</summary>
    public Frame Set(long index, Frame frame)
    {
        var node = _root;
        for (var level = _height - 1; level > 0; level--)
        {
            node = node.Children![(int)(index >> (level * BitsPerLevel)) & (FanOut - 1)]!;
        }

        ref var slot = ref node.Frames![(int)index & (FanOut - 1)];
        var previous = slot;
        slot = frame;
        Count += (frame.IsNull ? 0 : 1) - (previous.IsNull ? 0 : 1);
        return previous;
    }

    /// <summary>The first index at or after <paramref name="from"/> that has a frame; -1 when there is none.</summary>
    public long FindNext(long from)
    {
        if (from >> (_height * BitsPerLevel) != 0)
        {
            return -1;
        }

        return FindNext(_root, _height - 1, 0, from);
    }

    /// <summary>Takes out up to <c>taken.Length</c> frames from <paramref name="from"/> up to <paramref name="end"/> (exclusive).</summary>
    /// <param name="indexes">Where each one was.</param>
    /// <param name="next">Where to go on.</param>
    public int TakeRange(long from, long end, Span<Frame> taken, Span<long> indexes, out long next)
    {
        var count = 0;
        next = from;
        while (count < taken.Length)
        {
            var index = FindNext(next);
            if (index < 0 || index >= end)
            {
                next = end;
                break;
            }

            indexes[count] = index;
            taken[count++] = Set(index, default);
            next = index + 1;
        }

        return count;
    }

    /// <summary>Drops all nodes once no frame is left.</summary>
    public void Trim(Node emptyLeaf)
    {
        if (Count == 0)
        {
            _root = emptyLeaf;
            _height = 1;
        }
    }

    private static long FindNext(Node node, int level, long prefix, long from)
    {
        var shift = level * BitsPerLevel;
        var first = from <= prefix ? 0 : (int)((from - prefix) >> shift);
        for (var slot = first; slot < FanOut; slot++)
        {
            var start = prefix + ((long)slot << shift);
            if (level == 0)
            {
                if (!node.Frames![slot].IsNull)
                {
                    return start;
                }
            }
            else if (node.Children![slot] is { } child)
            {
                var found = FindNext(child, level - 1, start, from);
                if (found >= 0)
                {
                    return found;
                }
            }
        }

        return -1;
    }

    /// <summary>One level: children, or frames in a leaf.</summary>
    internal sealed class Node
    {
        public readonly Node?[]? Children;
        public readonly Frame[]? Frames;

        public Node(bool isLeaf)
        {
            if (isLeaf)
            {
                Frames = new Frame[FanOut];
            }
            else
            {
                Children = new Node?[FanOut];
            }
        }
    }

    /// <summary>Nodes allocated ahead.</summary>
    internal sealed class NodeSupply
    {
        private readonly Node?[] _inner = new Node?[10];
        private int _innerCount;
        private Node? _leaf;

        /// <summary>Tops up, outside of any spinning lock.</summary>
        public void Fill(int innerCount)
        {
            _leaf ??= new Node(isLeaf: true);
            while (_innerCount < innerCount)
            {
                _inner[_innerCount++] = new Node(isLeaf: false);
            }
        }

        public Node? TakeInner()
        {
            if (_innerCount == 0)
            {
                return null;
            }

            var node = _inner[--_innerCount];
            _inner[_innerCount] = null;
            return node;
        }

        public Node? TakeLeaf()
        {
            var node = _leaf;
            _leaf = null;
            return node;
        }
    }
}
