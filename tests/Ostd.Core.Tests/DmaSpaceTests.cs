// SPDX-License-Identifier: MPL-2.0
using System;
using System.Linq;
using Ostd.Arch;
using Ostd.Devices;
using Ostd.Devices.Remapping;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>What the IOMMU's tables let devices reach, seen as the hardware walks them (Intel VT-d specification 4.0, section 3.7).</summary>
public sealed class DmaSpaceTests
{
    private const int Levels = 3;
    private const ulong Read = 1;
    private const ulong Write = 2;

    private readonly DmaSpace _space = DmaSpace.TryCreate(Levels) ?? throw new InvalidOperationException("There is no memory.");

    [Fact]
    public void AtFirst_NothingIsReached()
    {
        for (uint page = 0; page < FrameTable.Count; page++)
        {
            Assert.Equal(0ul, Walk(page));
        }

        Assert.Equal(0, _space.MappedPages);
    }

    [Theory]
    [InlineData(DmaDirection.ToDevice, Read)]
    [InlineData(DmaDirection.FromDevice, Write)]
    [InlineData(DmaDirection.Both, Read | Write)]
    public void LentFrame_IsReachedInItsDirection_UntilItIsTakenBack(DmaDirection direction, ulong rights)
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        uint page = (uint)frame.PageNumber;
        Assert.True(_space.TryLend(page, direction));
        Assert.Equal(rights, Walk(page));
        Assert.Equal(0ul, Walk(page - 1));
        Assert.Equal(0ul, Walk(page + 1));
        Assert.Equal(1, _space.MappedPages);
        int before = DmaRemapping.Invalidations;
        _space.TakeBack(page, direction);
        Assert.True(DmaRemapping.Invalidations > before);
        Assert.Equal(0ul, Walk(page));
        Assert.Equal(0, _space.MappedPages);
        frame.Release();
    }

    [Fact]
    public void FrameLentTwice_HasTheRightsThatAreLeft()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        uint page = (uint)frame.PageNumber;
        Assert.True(_space.TryLend(page, DmaDirection.ToDevice));
        Assert.True(_space.TryLend(page, DmaDirection.FromDevice));
        Assert.True(_space.TryLend(page, DmaDirection.Both));
        Assert.Equal(Read | Write, Walk(page));
        _space.TakeBack(page, DmaDirection.FromDevice);
        Assert.Equal(Read | Write, Walk(page));
        _space.TakeBack(page, DmaDirection.Both);
        Assert.Equal(Read, Walk(page));
        _space.TakeBack(page, DmaDirection.ToDevice);
        Assert.Equal(0ul, Walk(page));
        frame.Release();
    }

    [Theory]
    [InlineData(DmaDirection.ToDevice)]
    [InlineData(DmaDirection.FromDevice)]
    public void FrameLentTooOften_IsNotLent_AndCountsDoNotRunOver(DmaDirection direction)
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        uint page = (uint)frame.PageNumber;
        for (int i = 0; i < ushort.MaxValue; i++)
        {
            Assert.True(_space.TryLend(page, direction));
        }

        Assert.False(_space.TryLend(page, direction));
        Assert.False(_space.TryLend(page, DmaDirection.Both));
        for (int i = 0; i < ushort.MaxValue; i++)
        {
            Assert.NotEqual(0ul, Walk(page));
            _space.TakeBack(page, direction);
        }

        Assert.Equal(0ul, Walk(page));
        frame.Release();
    }

    [Fact]
    public void RunOfDmaMemory_IsReachedUntilItIsUnmapped()
    {
        uint first = FrameAllocator.AllocateRun(3, FrameState.Dma);
        _space.Map(first, 3);
        Assert.Equal(0ul, Walk(first - 1));
        Assert.Equal(Read | Write, Walk(first));
        Assert.Equal(Read | Write, Walk(first + 2));
        Assert.Equal(0ul, Walk(first + 3));
        int before = DmaRemapping.Invalidations;
        _space.Unmap(first, 3);
        Assert.True(DmaRemapping.Invalidations > before);
        Assert.Equal(0ul, Walk(first));
        Assert.Equal(0ul, Walk(first + 2));
        FrameRun.Free(first, 3);
    }

    [Fact]
    public void LendAndTakeBack_InARace_LeaveNothing()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        uint page = (uint)frame.PageNumber;
        Race.Run(50_000, [.. Enumerable.Range(0, 4).Select(worker =>
        {
            int round = worker;
            return (Action)(() =>
            {
                var direction = (DmaDirection)(round++ % 3);
                Assert.True(_space.TryLend(page, direction));
                Assert.NotEqual(0ul, Walk(page));
                _space.TakeBack(page, direction);
            });
        })]);
        Assert.Equal(0ul, Walk(page));
        Assert.Equal(0, _space.MappedPages);
        Assert.Equal(0u, FrameTable.Slot(page).Next);
        frame.Release();
    }

    [Theory]
    [InlineData("", true, true)]
    [InlineData("quiet intel_iommu=off", false, true)]
    [InlineData("intel_iommu=off intel_iommu=on", true, true)]
    [InlineData("intel_iommu=odd intremap=off", true, false)]
    [InlineData("-- intel_iommu=off", true, true)]
    public void Parameters_AreLinuxs(string commandLine, bool isOn, bool remapsInterrupts) =>
        Assert.Equal(new RemappingParameters(isOn, remapsInterrupts), RemappingParameters.Parse(commandLine));

    // The rights of all entries on the way, as the hardware has it; the last entry has to name the page.
    private unsafe ulong Walk(uint page)
    {
        ulong table = _space.Root;
        ulong rights = Read | Write;
        for (int level = Levels - 1; ; level--)
        {
            // SAFETY: the tables are frames of the hosted machine, whose tables have 512 entries.
            ulong entry = System.Threading.Volatile.Read(ref ((ulong*)PhysicalMap.ToPointer(table))[page >> (level * 9) & 511]);
            rights &= entry;
            table = entry & ~0xffful;
            if (rights == 0 || level == 0)
            {
                Assert.True(rights == 0 || table == (ulong)page << 12);
                return rights;
            }
        }
    }
}
