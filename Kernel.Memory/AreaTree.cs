// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Memory;

/// <summary>
/// The areas of an address space: a height-balanced tree (Adelson-Velsky and Landis, 1962) over the areas' own links, in which each node knows the
/// largest gap of its subtree, so that finding an area and finding room are both O(log n). Not thread-safe.
/// </summary>
internal sealed class AreaTree
{
    private Area? _root;

    /// <summary>The area with the lowest address.</summary>
    public Area? First { get; private set; }

    /// <summary>The area with the highest address.</summary>
    public Area? Last { get; private set; }

    /// <summary>Number of areas.</summary>
    public int Count { get; private set; }

    /// <summary>The lowest area that ends after the address; it may start after it.</summary>
    public Area? FindEndingAfter(ulong address)
    {
        Area? best = null;
        Area? node = _root;
        while (node is not null)
        {
            if (node.End > address)
            {
                best = node;
                if (node.Start <= address)
                {
                    break;
                }
                node = node.Left;
            }
            else
            {
                node = node.Right;
            }
        }
        return best;
    }

    /// <summary>The area that contains the address.</summary>
    public Area? Find(ulong address)
    {
        Area? area = FindEndingAfter(address);
        return area is not null && area.Start <= address ? area : null;
    }

    /// <summary>Some area lies in the range.</summary>
    public bool Overlaps(ulong start, ulong end)
    {
        Area? area = FindEndingAfter(start);
        return area is not null && area.Start < end;
    }

    /// <summary>Adds an area that overlaps none.</summary>
    public void Insert(Area area)
    {
        Area? next = FindEndingAfter(area.Start);
        Area? previous = next is null ? Last : next.Previous;
        area.Previous = previous;
        area.Next = next;
        if (previous is null)
        {
            First = area;
        }
        else
        {
            previous.Next = area;
        }
        if (next is null)
        {
            Last = area;
        }
        else
        {
            next.Previous = area;
        }
        area.Left = null;
        area.Right = null;
        _root = InsertBelow(_root, area);
        Count++;
        if (next is not null)
        {
            RefreshPath(_root, next.Start);
        }
    }

    /// <summary>Takes an area out.</summary>
    public void Remove(Area area)
    {
        Area? next = area.Next;
        _root = RemoveBelow(_root!, area);
        if (area.Previous is null)
        {
            First = next;
        }
        else
        {
            area.Previous.Next = next;
        }
        if (next is null)
        {
            Last = area.Previous;
        }
        else
        {
            next.Previous = area.Previous;
        }
        area.Previous = null;
        area.Next = null;
        area.Left = null;
        area.Right = null;
        Count--;
        if (next is not null)
        {
            RefreshPath(_root, next.Start);
        }
    }

    /// <summary>Start or end of the area has changed, without a change of order.</summary>
    public void Refresh(Area area)
    {
        RefreshPath(_root, area.Start);
        if (area.Next is not null)
        {
            RefreshPath(_root, area.Next.Start);
        }
    }

    /// <summary>Finds the highest free range of a length within bounds.</summary>
    public bool TryFindGapBelow(ulong length, ulong low, ulong high, out ulong start)
    {
        start = 0;
        if (low > high || length > high - low)
        {
            return false;
        }
        ulong lastEnd = Math.Max(Last?.End ?? 0, low);
        if (lastEnd <= high && high - lastEnd >= length)
        {
            start = high - length;
            return true;
        }
        return FindGapBelow(_root, length, low, high, ref start);
    }

    /// <summary>Finds the lowest free range of a length within bounds.</summary>
    public bool TryFindGapAbove(ulong length, ulong low, ulong high, out ulong start)
    {
        start = 0;
        if (low > high || length > high - low)
        {
            return false;
        }
        if (FindGapAbove(_root, length, low, high, ref start))
        {
            return true;
        }
        ulong lastEnd = Math.Max(Last?.End ?? 0, low);
        start = lastEnd;
        return lastEnd <= high && high - lastEnd >= length;
    }

    private static bool FindGapBelow(Area? node, ulong length, ulong low, ulong high, ref ulong start)
    {
        if (node is null || node.MaxGap < length)
        {
            return false;
        }
        if (node.Start < high && FindGapBelow(node.Right, length, low, high, ref start))
        {
            return true;
        }
        ulong gapStart = Math.Max(node.Start - node.Gap, low);
        ulong gapEnd = Math.Min(node.Start, high);
        if (gapEnd > gapStart && gapEnd - gapStart >= length)
        {
            start = gapEnd - length;
            return true;
        }
        return node.Start > low && FindGapBelow(node.Left, length, low, high, ref start);
    }

    private static bool FindGapAbove(Area? node, ulong length, ulong low, ulong high, ref ulong start)
    {
        if (node is null || node.MaxGap < length)
        {
            return false;
        }
        if (node.Start > low && FindGapAbove(node.Left, length, low, high, ref start))
        {
            return true;
        }
        ulong gapStart = Math.Max(node.Start - node.Gap, low);
        ulong gapEnd = Math.Min(node.Start, high);
        if (gapEnd > gapStart && gapEnd - gapStart >= length)
        {
            start = gapStart;
            return true;
        }
        return node.Start < high && FindGapAbove(node.Right, length, low, high, ref start);
    }

    private static Area InsertBelow(Area? node, Area area)
    {
        if (node is null)
        {
            Update(area);
            return area;
        }
        if (area.Start < node.Start)
        {
            node.Left = InsertBelow(node.Left, area);
        }
        else
        {
            node.Right = InsertBelow(node.Right, area);
        }
        return Balance(node);
    }

    private static Area? RemoveBelow(Area node, Area area)
    {
        if (area.Start < node.Start)
        {
            node.Left = RemoveBelow(node.Left!, area);
            return Balance(node);
        }
        if (area.Start > node.Start)
        {
            node.Right = RemoveBelow(node.Right!, area);
            return Balance(node);
        }
        if (node.Left is null)
        {
            return node.Right;
        }
        if (node.Right is null)
        {
            return node.Left;
        }
        Area successor = node.Right;
        while (successor.Left is not null)
        {
            successor = successor.Left;
        }
        successor.Right = RemoveLowest(node.Right);
        successor.Left = node.Left;
        return Balance(successor);
    }

    private static Area? RemoveLowest(Area node)
    {
        if (node.Left is null)
        {
            return node.Right;
        }
        node.Left = RemoveLowest(node.Left);
        return Balance(node);
    }

    private static void RefreshPath(Area? node, ulong start)
    {
        if (node is null)
        {
            return;
        }
        if (start < node.Start)
        {
            RefreshPath(node.Left, start);
        }
        else if (start > node.Start)
        {
            RefreshPath(node.Right, start);
        }
        Update(node);
    }

    private static int HeightOf(Area? node) => node?.Height ?? 0;

    private static void Update(Area node)
    {
        node.Height = Math.Max(HeightOf(node.Left), HeightOf(node.Right)) + 1;
        node.MaxGap = Math.Max(node.Gap, Math.Max(node.Left?.MaxGap ?? 0, node.Right?.MaxGap ?? 0));
    }

    private static Area Balance(Area node)
    {
        int lean = HeightOf(node.Left) - HeightOf(node.Right);
        if (lean > 1)
        {
            if (HeightOf(node.Left!.Left) < HeightOf(node.Left.Right))
            {
                node.Left = RotateLeft(node.Left);
            }
            return RotateRight(node);
        }
        if (lean < -1)
        {
            if (HeightOf(node.Right!.Right) < HeightOf(node.Right.Left))
            {
                node.Right = RotateRight(node.Right);
            }
            return RotateLeft(node);
        }
        Update(node);
        return node;
    }

    private static Area RotateRight(Area node)
    {
        Area top = node.Left!;
        node.Left = top.Right;
        top.Right = node;
        Update(node);
        Update(top);
        return top;
    }

    private static Area RotateLeft(Area node)
    {
        Area top = node.Right!;
        node.Right = top.Left;
        top.Left = node;
        Update(node);
        Update(top);
        return top;
    }
}
