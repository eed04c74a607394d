// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Xunit;

namespace Kernel.Memory.Tests;

public class AddressSpaceTests : AddressSpaceFixture
{
    private readonly TestObject _object = new(10 * 4096);

    protected override void OnDisposed()
    {
        Assert.Equal(0, _object.Mappings);
        _object.Clear();
    }

    [Fact]
    public void AnonymousMemory_ReadsZeros_AndKeepsWhatIsWritten()
    {
        ulong start = Map(4);
        Assert.Equal(0UL, Read(start));
        Assert.Equal(0UL, Read(start + Page));
        Write(start + Page, 5);
        Assert.Equal(5UL, Read(start + Page));
        Assert.Equal(0UL, Read(start));
        Assert.Equal(2 * (long)Page, Space.GetStatistics().Resident);
        Assert.False(CanRead(start + (4 * Page)));
    }

    [Theory]
    [InlineData(MapFlags.MAP_ANONYMOUS, 1UL, 0UL, Errno.EINVAL)]
    [InlineData(Anonymous, 0UL, 0UL, Errno.EINVAL)]
    [InlineData(Anonymous, ulong.MaxValue, 0UL, Errno.ENOMEM)]
    [InlineData(Anonymous, ulong.MaxValue - 8192, 0UL, Errno.ENOMEM)]
    [InlineData(Anonymous | MapFlags.MAP_FIXED, 1UL, 0x1234_5678UL, Errno.EINVAL)]
    [InlineData(Anonymous | MapFlags.MAP_FIXED, 1UL, 0UL, Errno.EPERM)]
    [InlineData(Anonymous | MapFlags.MAP_FIXED, 1UL, 0x7fff_ffff_f000UL, Errno.ENOMEM)]
    [InlineData(Anonymous | MapFlags.MAP_FIXED, 1UL, 0xffff_8000_0000_0000UL, Errno.ENOMEM)]
    [InlineData(Anonymous, 1UL << 40, 0UL, Errno.ENOMEM)]
    public void Map_RefusesWhatLinuxRefuses(MapFlags flags, ulong length, ulong address, Errno expected) =>
        Assert.Equal(expected, Space.Map(address, length, ReadWrite, flags, null, null, 0, Limits).Error);

    [Fact]
    public void MapFixed_ReplacesWhatWasThere_NoReplaceDoesNot()
    {
        ulong start = Map(4);
        Write(start + Page, 7);
        Assert.Equal(Errno.EEXIST, Space.Map(start + Page, Page, ReadWrite, Anonymous | MapFlags.MAP_FIXED_NOREPLACE, null, null, 0, Limits).Error);
        Map(1, flags: Anonymous | MapFlags.MAP_FIXED, address: start + Page);
        Assert.Equal(0UL, Read(start + Page));
    }

    [Fact]
    public void Map_NextToAnother_MergesToOneArea()
    {
        ulong start = Map(4);
        ulong below = Map(4);
        Assert.Equal(start, below + (4 * Page));
        Assert.Equal(1, AreaCount());
        Assert.Equal(Errno.Success, Space.Unmap(start, Page));
        Assert.Equal(2, AreaCount());
        Map(1, flags: Anonymous | MapFlags.MAP_FIXED, address: start);
        Assert.Equal(1, AreaCount());
    }

    [Fact]
    public void Protect_SplitsAndMerges_AndIsObeyed()
    {
        ulong start = Map(3);
        Write(start + Page, 9);
        Assert.Equal(Errno.Success, Space.Protect(start + Page, Page, PageProtection.Read));
        Assert.Equal(3, AreaCount());
        Assert.Equal(9UL, Read(start + Page));
        Assert.False(UserMemory.TryWrite(start + Page, 1UL));
        Assert.Equal(FaultResult.NotAllowed, Space.HandleFault(start + Page, PageFaultAccess.Write));
        Assert.Equal(Errno.Success, Space.Protect(start + Page, Page, ReadWrite));
        Assert.Equal(1, AreaCount());
        Write(start + Page, 10);
        Assert.Equal(Errno.ENOMEM, Space.Protect(start + Page, 3 * Page, PageProtection.None));
        Assert.False(CanRead(start + (2 * Page)));
        Assert.Equal(Errno.EINVAL, Space.Protect(start + 1, Page, ReadWrite));
    }

    [Fact]
    public void Protect_OverAreasThatMergeMeanwhile_ReachesTheEnd()
    {
        ulong start = Map(6);
        Assert.Equal(Errno.Success, Space.Protect(start + Page, Page, PageProtection.None));
        Assert.Equal(Errno.Success, Space.Protect(start + (4 * Page), Page, PageProtection.Read));
        Assert.Equal(Errno.Success, Space.Protect(start, 6 * Page, ReadWrite));
        Assert.Equal(1, AreaCount());
        Write(start + Page, 1);
        Write(start + (4 * Page), 2);
    }

    [Fact]
    public void Clone_IsCopyOnWriteBothWays()
    {
        ulong start = Map(2);
        ulong shared = Map(1, flags: MapFlags.MAP_SHARED | MapFlags.MAP_ANONYMOUS);
        Write(start, 1);
        Write(shared, 1);
        IAddressSpace child = Ok(Space.Clone());

        Write(start, 2);
        child.VmSpace.Activate();
        Assert.Equal(1UL, Read(start));
        Write(start, 3);
        Write(start + Page, 4);
        Write(shared, 5);
        Space.VmSpace.Activate();

        Assert.Equal(2UL, Read(start));
        Assert.Equal(0UL, Read(start + Page));
        Assert.Equal(5UL, Read(shared));
        child.Release();
        Write(start, 6);
        Assert.Equal(6UL, Read(start));
    }

    [Fact]
    public void Clone_AfterTheChildIsGone_WritesWithoutACopy()
    {
        ulong start = Map(1);
        Write(start, 1);
        Ok(Space.Clone()).Release();
        long free = PhysicalMemory.FreePages;
        Write(start, 2);
        Assert.Equal(free, PhysicalMemory.FreePages);
    }

    [Fact]
    public void Advice_ForFork_IsObeyed()
    {
        ulong kept = Map(1);
        ulong wiped = Map(1, ReadWrite | PageProtection.Execute);
        ulong hidden = Map(1, PageProtection.Read | PageProtection.Execute);
        Write(kept, 1);
        Write(wiped, 2);
        Assert.Equal(Errno.Success, Space.Advise(wiped, Page, MemoryAdvice.MADV_WIPEONFORK));
        Assert.Equal(Errno.Success, Space.Advise(hidden, Page, MemoryAdvice.MADV_DONTFORK));
        IAddressSpace child = Ok(Space.Clone());
        child.VmSpace.Activate();
        Assert.Equal(1UL, Read(kept));
        Assert.Equal(0UL, Read(wiped));
        Assert.False(CanRead(hidden));
        Space.VmSpace.Activate();
        child.Release();
    }

    [Fact]
    public void Stack_GrowsDownToItsNeighboursGuard()
    {
        ulong top = Ok(Space.MapStack(0x7fff_0000_0000, 2 * Page, ReadWrite));
        Write(top - 8, 1);
        Write(top - (20 * Page), 2);
        Assert.False(CanRead(top));
        ulong neighbour = top - (1000 * Page);
        Map(1, flags: Anonymous | MapFlags.MAP_FIXED, address: neighbour);
        Assert.False(UserMemory.TryWrite(neighbour + (10 * Page), 1UL));
        Write(neighbour + (257 * Page), 3);
    }

    [Fact]
    public void Break_GrowsShrinksAndMeetsItsNeighbour()
    {
        const ulong heap = 0x60_0000;
        Space.InitializeBreak(heap + 16);
        Assert.Equal(heap + 16, Space.SetBreak(0, Limits));
        Assert.Equal(heap + (3 * Page) + 1, Space.SetBreak(heap + (3 * Page) + 1, Limits));
        Write(heap + (3 * Page), 5);
        Assert.Equal(heap + (10 * Page), Space.SetBreak(heap + (10 * Page), Limits));
        Assert.Equal(5UL, Read(heap + (3 * Page)));
        Assert.Equal(1, AreaCount());
        Assert.Equal(heap + Page, Space.SetBreak(heap + Page, Limits));
        Assert.False(CanRead(heap + (3 * Page)));
        Assert.Equal(heap + (4 * Page), Space.SetBreak(heap + (4 * Page), Limits));
        Assert.Equal(0UL, Read(heap + (3 * Page)));
        Map(1, flags: Anonymous | MapFlags.MAP_FIXED, address: heap + (8 * Page));
        Assert.Equal(heap + (4 * Page), Space.SetBreak(heap + (8 * Page), Limits));
        Limits.Set(ResourceKind.Data, 5 * Page, 5 * Page);
        Assert.Equal(heap + (4 * Page), Space.SetBreak(heap + (6 * Page), Limits));
    }

    [Fact]
    public void Remap_GrowsInPlaceOrMoves()
    {
        ulong start = Map(2);
        Write(start, 1);
        Write(start + Page, 2);
        Assert.Equal(Errno.ENOMEM, Grow(start, 2, 300_000).Error == Errno.Success ? Errno.Success : Errno.ENOMEM);
        Map(1, PageProtection.Read, Anonymous | MapFlags.MAP_FIXED, start + (2 * Page));
        Assert.Equal(Errno.ENOMEM, Space.Remap(start, 2 * Page, 4 * Page, RemapFlags.None, 0, Limits).Error);
        ulong moved = Ok(Space.Remap(start, 2 * Page, 4 * Page, RemapFlags.MREMAP_MAYMOVE, 0, Limits));
        Assert.NotEqual(start, moved);
        Assert.Equal(1UL, Read(moved));
        Assert.Equal(2UL, Read(moved + Page));
        Assert.Equal(0UL, Read(moved + (3 * Page)));
        Assert.False(CanRead(start));
        Assert.Equal(moved, Ok(Space.Remap(moved, 4 * Page, Page, RemapFlags.None, 0, Limits)));
        Assert.False(CanRead(moved + Page));
        const ulong target = 0x10_0000_0000;
        Assert.Equal(target, Ok(Space.Remap(moved, Page, 2 * Page, RemapFlags.MREMAP_MAYMOVE | RemapFlags.MREMAP_FIXED, target, Limits)));
        Assert.Equal(1UL, Read(target));
        Assert.Equal(Errno.EFAULT, Space.Remap(0x20_0000_0000, Page, Page, RemapFlags.None, 0, Limits).Error);
        Assert.Equal(Errno.EINVAL, Space.Remap(target, Page, 0, RemapFlags.None, 0, Limits).Error);
    }

    [Fact]
    public void DontNeed_ForgetsContents()
    {
        ulong start = Map(3);
        Write(start + Page, 1);
        Assert.Equal(Errno.Success, Space.Advise(start, 3 * Page, MemoryAdvice.MADV_DONTNEED));
        Assert.Equal(0L, Space.GetStatistics().Resident);
        Assert.Equal(0UL, Read(start + Page));
        Assert.Equal(Errno.ENOMEM, Space.Advise(start, 4 * Page, MemoryAdvice.MADV_DONTNEED));
        Assert.Equal(Errno.EINVAL, Space.Advise(start, Page, (MemoryAdvice)12345));
    }

    [Fact]
    public void PrivateObjectMapping_CopiesOnWrite_AndFaultsPastTheEnd()
    {
        ulong start = Ok(Space.Map(0, 12 * Page, ReadWrite, MapFlags.MAP_PRIVATE, null, _object, 0, Limits));
        Assert.Equal(3UL, Read(start + (3 * Page)));
        Write(start + (3 * Page), 99);
        Write(start + (4 * Page), 98);
        byte[] bytes = new byte[8];
        _object.Page(3).Read(0, bytes);
        Assert.Equal(3, BitConverter.ToInt64(bytes));
        Assert.Equal(99UL, Read(start + (3 * Page)));
        Assert.Equal(FaultResult.BusError, Space.HandleFault(start + (10 * Page), PageFaultAccess.Read));
    }

    [Fact]
    public void SharedObjectMapping_WritesThrough_AndTruncationUnmaps()
    {
        ulong start = Ok(Space.Map(0, 8 * Page, ReadWrite, MapFlags.MAP_SHARED, null, _object, (long)(2 * Page), Limits));
        Assert.Equal(2UL, Read(start));
        Write(start + (3 * Page), 77);
        byte[] bytes = new byte[8];
        _object.Page(5).Read(0, bytes);
        Assert.Equal(77, BitConverter.ToInt64(bytes));

        _object.LengthBytes = 4 * (long)Page;
        ((IMappingOwner)Space).OnTruncate(_object, 4);

        Assert.Equal(2UL, Read(start));
        Assert.Equal(FaultResult.BusError, Space.HandleFault(start + (3 * Page), PageFaultAccess.Read));
    }

    [Fact]
    public void ReadFault_WhileAnotherThreadWrites_KeepsWhatWasWritten()
    {
        ulong start = Ok(Space.Map(0, 8 * Page, ReadWrite, MapFlags.MAP_PRIVATE, null, _object, 0, Limits));
        _object.Meanwhile = () => Write(start + Page, 55);

        Assert.Equal(FaultResult.Resolved, Space.HandleFault(start + Page, PageFaultAccess.Read));

        Assert.Equal(55UL, Read(start + Page));
    }

    [Theory]
    [InlineData(MapFlags.MAP_SHARED)]
    [InlineData(MapFlags.MAP_PRIVATE)]
    public void Fault_WhileAHoleIsMade_MapsThePageThatIsThereAfterwards(MapFlags flags)
    {
        ulong start = Ok(Space.Map(0, 8 * Page, ReadWrite, flags, null, _object, 0, Limits));
        Frame old = _object.GetPage(1, forWrite: true).Value;
        old.Write(0, BitConverter.GetBytes(66UL));
        old.Release();
        _object.Meanwhile = () =>
        {
            _object.Remove(1);
            ((IMappingOwner)Space).OnTruncate(_object, 1);
        };

        Assert.Equal(1UL, Read(start + Page));
    }

    [Fact]
    public void Fault_WhileTheFileIsCutShort_FaultsPastTheEnd()
    {
        ulong start = Ok(Space.Map(0, 8 * Page, ReadWrite, MapFlags.MAP_PRIVATE, null, _object, 0, Limits));
        _object.Meanwhile = () =>
        {
            _object.LengthBytes = (long)Page;
            _object.Remove(1);
            ((IMappingOwner)Space).OnTruncate(_object, 1);
        };

        Assert.False(UserMemory.TryWrite(start + Page, 1UL));
    }

    [Fact]
    public void Read_WhileTheLastUserLeaves_ComesShort()
    {
        for (int round = 0; round < 300; round++)
        {
            IAddressSpace other = Ok(Factory.Create());
            ulong start = Ok(other.Map(0, 64 * Page, ReadWrite, Anonymous | MapFlags.MAP_POPULATE, null, null, 0, Limits));
            Race.Run(1, () => Assert.InRange(other.Read(start, new byte[64 * (int)Page]), 0, 64 * (int)Page), other.Release);
        }
    }

    [Fact]
    public void PagesRemoved_AreUnmapped_ButPrivateCopiesStay()
    {
        ulong start = Ok(Space.Map(0, 8 * Page, ReadWrite, MapFlags.MAP_PRIVATE, null, _object, 0, Limits));
        Write(start + (3 * Page), 77);
        Assert.Equal(4UL, Read(start + (4 * Page)));
        _object.Page(4).Write(0, BitConverter.GetBytes(66L));
        _object.Punch(3, (IMappingOwner)Space);
        _object.Punch(4, (IMappingOwner)Space);

        Assert.Equal(77UL, Read(start + (3 * Page)));
        Assert.Equal(4UL, Read(start + (4 * Page)));
    }

    [Fact]
    public void ObjectAreas_SplitAndMerge_KeepingOffsets()
    {
        ulong start = Ok(Space.Map(0, 8 * Page, PageProtection.Read, MapFlags.MAP_PRIVATE, null, _object, 0, Limits));
        Assert.Equal(Errno.Success, Space.Protect(start + (2 * Page), 2 * Page, ReadWrite));
        Assert.Equal(3, _object.Mappings);
        Assert.Equal(5UL, Read(start + (5 * Page)));
        Assert.Equal(2UL, Read(start + (2 * Page)));
        Assert.Equal(Errno.Success, Space.Protect(start + (2 * Page), 2 * Page, PageProtection.Read));
        Assert.Equal(1, _object.Mappings);
        Assert.Equal(Errno.Success, Space.Unmap(start + Page, Page));
        Assert.Equal(7UL, Read(start + (7 * Page)));
        Assert.Equal(2, _object.Mappings);
    }

    [Fact]
    public void Limits_AreObeyed()
    {
        Limits.Set(ResourceKind.AddressSpace, 10 * Page, 10 * Page);
        ulong start = Map(8);
        Assert.Equal(Errno.ENOMEM, Space.Map(0, 3 * Page, ReadWrite, Anonymous, null, null, 0, Limits).Error);
        Map(8, flags: Anonymous | MapFlags.MAP_FIXED, address: start);
        Map(2);
    }

    [Fact]
    public void Residency_TellsWhatIsThere()
    {
        ulong start = Map(4);
        Write(start + (2 * Page), 1);
        byte[] pages = new byte[4];
        Assert.Equal(Errno.Success, Space.GetResidency(start, pages));
        Assert.Equal([0, 0, 1, 0], pages);
        Assert.Equal(Errno.ENOMEM, Space.GetResidency(start, new byte[5]));
        Assert.Equal(Errno.Success, Space.Lock(start, 4 * Page, false, Limits));
        Assert.Equal(Errno.Success, Space.GetResidency(start, pages));
        Assert.Equal([1, 1, 1, 1], pages);
        Assert.Equal(Errno.EINVAL, Space.Advise(start, Page, MemoryAdvice.MADV_DONTNEED));
        Assert.Equal(Errno.Success, Space.Unlock(start, 4 * Page));
        Assert.Equal(1, AreaCount());
    }

    [Fact]
    public void Read_FromAnotherSpace_StopsAtAHole()
    {
        ulong start = Map(2);
        Write(start + Page, 0x55);
        VmSpace.Deactivate();
        byte[] bytes = new byte[3 * (int)Page];
        Assert.Equal(2 * (int)Page, Space.Read(start, bytes));
        Assert.Equal(0x55, bytes[(int)Page]);
        Space.VmSpace.Activate();
    }

    private Result<ulong> Grow(ulong start, ulong oldPages, ulong newPages) =>
        Space.Remap(start, oldPages * Page, newPages * Page, RemapFlags.None, 0, Limits);

    private int AreaCount()
    {
        var writer = new Kernel.Abstractions.Files.PseudoFileWriter();
        Space.DescribeAreas(writer, null!);
        return writer.Bytes.Count((byte)'\n');
    }
}
