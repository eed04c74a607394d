// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Kernel.Fs.PageCache;

/// <summary>
/// A sparse array of frames: a radix tree of 64-way nodes that grows in height with the highest index. The frame of index 0 needs no node while it is alone. Not synchronised.
/// <see cref="TryPrepare"/> makes the nodes for an index ahead of time, so that <see cref="Set"/> allocates nothing and can run under a spinning lock.
/// </summary>
internal sealed class FrameTree
{
    private const int BitsPerLevel = 6;
    private const int FanOut = 1 << BitsPerLevel;

    /// <summary>The frame of index 0 while the height is 0.</summary>
    private Frame _first;
    private Node? _root;
    private int _height;

    /// <summary>Frames held.</summary>
    public long Count { get; private set; }

    /// <summary>The frame of an index; the null handle for a hole.</summary>
    public Frame Get(long index)
    {
        if (!Reaches(index))
        {
            return default;
        }

        if (_root is not { } node)
        {
            return _first;
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

    /// <summary>Makes the next node for an index out of the spare one, until all are there. Nobody else may make nodes in between.</summary>
    /// <param name="spare">A node of the kind that was asked for last; null once it is used.</param>
    /// <param name="needsLeaf">The kind of the node that is missing.</param>
    /// <returns>False when another node is needed.</returns>
    public bool TryPrepare(long index, ref Node? spare, out bool needsLeaf)
    {
        needsLeaf = false;
        while (!Reaches(index))
        {
            needsLeaf = _height == 0;
            if (Take(ref spare) is not { } root)
            {
                return false;
            }

            Grow(root);
        }

        if (_root is not { } node)
        {
            return true;
        }

        for (var level = _height - 1; level > 0; level--)
        {
            ref var child = ref node.Children![(int)(index >> (level * BitsPerLevel)) & (FanOut - 1)];
            if (child is null)
            {
                needsLeaf = level == 1;
                child = Take(ref spare);
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
        ref var slot = ref _first;
        if (_root is { } node)
        {
            for (var level = _height - 1; level > 0; level--)
            {
                node = node.Children![(int)(index >> (level * BitsPerLevel)) & (FanOut - 1)]!;
            }

            slot = ref node.Frames![(int)index & (FanOut - 1)];
        }

        var previous = slot;
        slot = frame;
        Count += (frame.IsNull ? 0 : 1) - (previous.IsNull ? 0 : 1);
        return previous;
    }

    /// <summary>The first index at or after <paramref name="from"/> that has a frame; -1 when there is none.</summary>
    public long FindNext(long from)
    {
        if (!Reaches(from))
        {
            return -1;
        }

        if (_root is not { } root)
        {
            return _first.IsNull ? -1 : 0;
        }

        return FindNext(root, _height - 1, 0, from);
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
    public void Trim()
    {
        if (Count == 0)
        {
            _root = null;
            _height = 0;
        }
    }

    private bool Reaches(long index) => _height * BitsPerLevel >= 63 || index >> (_height * BitsPerLevel) == 0;

    private void Grow(Node root)
    {
        if (_root is null)
        {
            root.Frames![0] = _first;
            _first = default;
        }
        else
        {
            root.Children![0] = _root;
        }

        _root = root;
        _height++;
    }

    private static Node? Take(ref Node? spare)
    {
        var node = spare;
        spare = null;
        return node;
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
}
