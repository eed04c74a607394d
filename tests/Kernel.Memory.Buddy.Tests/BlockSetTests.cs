// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using System.Linq;
using FsCheck.Xunit;
using Xunit;

namespace Kernel.Memory.Buddy.Tests;

public class BlockSetTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(300_000)]
    public void Set_OfAnyLimit_HoldsItsFirstAndLastNumber(int limit)
    {
        var set = new BlockSet(limit);
        Assert.True(set.IsEmpty);
        set.Add(limit - 1);
        set.Add(0);

        Assert.Equal(0, set.TakeFirst());
        Assert.Equal(limit > 1, !set.IsEmpty);
        if (limit > 1)
            Assert.Equal(limit - 1, set.TakeFirst());

        Assert.True(set.IsEmpty);
    }

    [Fact]
    public void Remove_OfWhatIsNotThere_ChangesNothing()
    {
        var set = new BlockSet(100);
        set.Add(70);

        Assert.False(set.Remove(71));
        Assert.False(set.Remove(6));
        Assert.False(set.Remove(1 << 20));
        Assert.True(set.Remove(70));
        Assert.False(set.Remove(70));
        Assert.True(set.IsEmpty);
    }

    [Property]
    public void Operations_InAnyOrder_AgreeWithASortedSet(int[] operations)
    {
        const int limit = 5000;
        var set = new BlockSet(limit);
        var model = new SortedSet<int>();
        foreach (var operation in operations.Concat(Enumerable.Range(0, 500).Select(i => i * 7919)))
        {
            var number = (int)((uint)operation / 3 % limit);
            if ((uint)operation % 3 == 0)
            {
                Assert.Equal(model.Remove(number), set.Remove(number));
            }
            else if ((uint)operation % 3 == 1 && model.Count != 0)
            {
                var first = model.Min;
                model.Remove(first);
                Assert.Equal(first, set.TakeFirst());
            }
            else
            {
                model.Add(number);
                set.Add(number);
            }

            Assert.Equal(model.Count == 0, set.IsEmpty);
        }
    }
}
