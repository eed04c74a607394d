// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using Xunit;

namespace Kernel.Memory.Tests;

/// <summary>The tree against a sorted list that knows nothing of trees.</summary>
public class AreaTreeTests
{
    private const ulong Page = 4096;
    private const ulong Low = 16 * Page;
    private const ulong High = 1024 * Page;

    [Property(MaxTest = 200)]
    public void AnySequenceOfChanges_AgreesWithASortedList(int seed)
    {
        var random = new Random(seed);
        var tree = new AreaTree();
        var model = new List<Area>();
        for (int step = 0; step < 200; step++)
        {
            Change(random, tree, model);
            Check(random, tree, model);
        }
    }

    [Fact]
    public void ThousandsOfAreas_KeepTheTreeBalanced()
    {
        var tree = new AreaTree();
        for (ulong i = 0; i < 10_000; i++)
        {
            tree.Insert(new Area { Start = i * 2 * Page, End = ((i * 2) + 1) * Page });
        }
        Assert.Equal(10_000, tree.Count);
        Assert.True(Depth(tree.Find(4999 * 2 * Page)) <= 20);
        Assert.True(tree.TryFindGapBelow(Page, 0, 20_000 * Page, out ulong start));
        Assert.Equal(19_999 * Page, start);
        Assert.False(tree.TryFindGapBelow(2 * Page, 0, 20_000 * Page, out _));
    }

    private static int Depth(Area? area) => area?.Height ?? 0;

    private static void Change(Random random, AreaTree tree, List<Area> model)
    {
        switch (random.Next(5))
        {
            case 0 when model.Count > 0:
                Area victim = model[random.Next(model.Count)];
                tree.Remove(victim);
                model.Remove(victim);
                break;
            case 1 when model.Count > 0:
                Area shrunk = model[random.Next(model.Count)];
                if (shrunk.Length > Page)
                {
                    if (random.Next(2) == 0)
                    {
                        shrunk.Start += Page;
                    }
                    else
                    {
                        shrunk.End -= Page;
                    }
                    tree.Refresh(shrunk);
                }
                break;
            default:
                ulong start = Low + ((ulong)random.Next(900) * Page);
                ulong end = start + ((ulong)random.Next(1, 40) * Page);
                bool overlaps = model.Any(a => a.Start < end && start < a.End);
                Assert.Equal(overlaps, tree.Overlaps(start, end));
                if (!overlaps)
                {
                    var area = new Area { Start = start, End = end };
                    tree.Insert(area);
                    model.Add(area);
                    model.Sort((a, b) => a.Start.CompareTo(b.Start));
                }
                break;
        }
    }

    private static void Check(Random random, AreaTree tree, List<Area> model)
    {
        Assert.Equal(model.Count, tree.Count);
        Area? node = tree.First;
        foreach (Area area in model)
        {
            Assert.Same(area, node);
            node = area.Next;
        }
        Assert.Null(node);
        Assert.Same(model.LastOrDefault(), tree.Last);

        ulong address = (ulong)random.Next(1024) * Page;
        Assert.Same(model.FirstOrDefault(a => a.End > address), tree.FindEndingAfter(address));
        Assert.Same(model.FirstOrDefault(a => a.Start <= address && address < a.End), tree.Find(address));

        ulong length = (ulong)random.Next(1, 60) * Page;
        ulong low = Low + ((ulong)random.Next(300) * Page);
        ulong high = low + ((ulong)random.Next(700) * Page);
        ulong? highest = null;
        ulong? lowest = null;
        for (ulong start = low; start + length <= high; start += Page)
        {
            if (!model.Any(a => a.Start < start + length && start < a.End))
            {
                highest = start;
                lowest ??= start;
            }
        }
        Assert.Equal(highest is not null, tree.TryFindGapBelow(length, low, high, out ulong below));
        Assert.Equal(lowest is not null, tree.TryFindGapAbove(length, low, high, out ulong above));
        if (highest is not null)
        {
            Assert.Equal(highest, below);
            Assert.Equal(lowest, above);
        }
    }
}
