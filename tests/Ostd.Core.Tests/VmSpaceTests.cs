// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

public class VmSpaceTests : ActiveSpaceTests
{
    private const ulong Base = 0x4000_0000;
    private static readonly ulong s_page = (ulong)Paging.PageSizeBytes;

    [Fact]
    public void Map_ThenUserCopy_ReachesTheFrame()
    {
        Frame frame = MapNew(Base, PageProtection.Read | PageProtection.Write);

        Assert.True(UserMemory.TryWrite(Base + 8, 0x1234_5678u));

        byte[] bytes = new byte[4];
        frame.Read(8, bytes);
        Assert.Equal(0x1234_5678u, BitConverter.ToUInt32(bytes));
        Assert.True(UserMemory.TryRead(Base + 8, out uint value));
        Assert.Equal(0x1234_5678u, value);
    }

    [Fact]
    public void Copy_OverAHole_StopsShort()
    {
        MapNew(Base, PageProtection.Read | PageProtection.Write);
        MapNew(Base + (2 * s_page), PageProtection.Read | PageProtection.Write);
        VmWriter writer = VmWriter.FromUser(Base + s_page - 10, 100);

        Assert.Equal(10, writer.Write(new byte[100]));
        Assert.True(writer.HasFaulted);
        Assert.Equal(0, writer.Write(new byte[1]));
        Assert.False(UserMemory.TryRead<ulong>(Base + s_page - 4, out _));
    }

    [Theory]
    [InlineData(0UL)]
    [InlineData(0x7fff_ffff_f000UL)]
    [InlineData(0xffff_8000_0000_0000UL)]
    [InlineData(ulong.MaxValue)]
    public void Copy_OutsideUserSpace_Faults(ulong address)
    {
        Assert.False(UserMemory.TryRead<byte>(address, out _));
        Assert.False(UserMemory.TryWrite(address, (byte)1));
        Assert.Equal(-1, UserMemory.ReadString(address, new byte[8]));
        Assert.True(VmReader.FromUser(ulong.MaxValue - 3, 100).HasFaulted);
    }

    [Fact]
    public void ReadOnlyPage_RefusesWrites_AndProtectPageAllowsThem()
    {
        MapNew(Base, PageProtection.Read);
        Assert.True(UserMemory.TryRead<byte>(Base, out _));
        Assert.False(UserMemory.TryWrite(Base, (byte)1));

        VmCursor cursor = Space.Open(Base);
        Assert.True(cursor.ProtectPage(PageProtection.Read | PageProtection.Write));
        cursor.Dispose();

        Assert.True(UserMemory.TryWrite(Base, (byte)1));
    }

    [Fact]
    public void Protect_TakesEffectAtOnce_AndNeverAddsWrite()
    {
        MapNew(Base, PageProtection.Read | PageProtection.Write);
        Assert.True(UserMemory.TryWrite(Base, (byte)1));

        Protect(Base, PageProtection.None);
        Assert.False(UserMemory.TryRead<byte>(Base, out _));
        Protect(Base, PageProtection.Read | PageProtection.Write);

        Assert.True(UserMemory.TryRead<byte>(Base, out byte value));
        Assert.Equal(1, value);
        Assert.False(UserMemory.TryWrite(Base, (byte)2));
    }

    [Fact]
    public void Unmap_ReleasesFramesAndEmptyTables()
    {
        long tables = Space.PageTableBytes;
        var addresses = new List<ulong>();
        for (ulong i = 0; i < 300; i++)
        {
            MapNew(Base + (i * 7 * s_page), PageProtection.Read);
        }
        Assert.True(Space.PageTableBytes > tables);

        VmCursor cursor = Space.Open(0x10000);
        Assert.Equal(300, cursor.Unmap(Paging.UserSpaceEnd - 0x10000));
        cursor.Dispose();

        Assert.Equal(tables, Space.PageTableBytes);
        Assert.False(UserMemory.TryRead<byte>(Base, out _));
    }

    [Fact]
    public void FindNext_VisitsMappedPagesOnly()
    {
        ulong[] addresses = [Base, Base + (5 * s_page), Base + (1UL << 30), 0x7fff_0000_0000];
        foreach (ulong address in addresses)
        {
            MapNew(address, PageProtection.Read);
        }

        var found = new List<ulong>();
        VmCursor cursor = Space.Open(0x10000);
        while (cursor.FindNext(Paging.UserSpaceEnd, out _))
        {
            found.Add(cursor.Address);
            cursor.MoveTo(cursor.Address + s_page);
        }
        cursor.Dispose();
        Assert.Equal(addresses, found);
    }

    [Fact]
    public void CopyTo_SharesFramesReadOnlyOnBothSides()
    {
        Frame frame = MapNew(Base, PageProtection.Read | PageProtection.Write);
        Assert.True(UserMemory.TryWrite(Base, (byte)7));
        Assert.True(VmSpace.TryCreate(out VmSpace? child));

        VmCursor cursor = Space.Open(0x10000);
        Assert.Equal(1, cursor.CopyTo(child, Paging.UserSpaceEnd - 0x10000, copyOnWrite: true));
        cursor.Dispose();

        Assert.Equal(2, frame.ReferenceCount);
        Assert.False(UserMemory.TryWrite(Base, (byte)8));
        child.Activate();
        Assert.True(UserMemory.TryRead(Base, out byte value));
        Assert.Equal(7, value);
        Assert.False(UserMemory.TryWrite(Base, (byte)8));
        Space.Activate();
        child.Dispose();
        Assert.Equal(1, frame.ReferenceCount);
    }

    [Fact]
    public void MovePagesTo_KeepsContentsAndLeavesNothingBehind()
    {
        for (ulong i = 0; i < 20; i++)
        {
            MapNew(Base + (i * s_page), PageProtection.Read | PageProtection.Write);
            Assert.True(UserMemory.TryWrite(Base + (i * s_page), i));
        }
        ulong target = 0x5000_0000_0000;

        VmCursor cursor = Space.Open(Base);
        Assert.True(cursor.MovePagesTo(target, 20 * s_page));
        cursor.Dispose();

        for (ulong i = 0; i < 20; i++)
        {
            Assert.True(UserMemory.TryRead(target + (i * s_page), out ulong value));
            Assert.Equal(i, value);
            Assert.False(UserMemory.TryRead<byte>(Base + (i * s_page), out _));
        }
    }

    [Fact]
    public void AccessedAndDirty_FollowUse()
    {
        MapNew(Base, PageProtection.Read | PageProtection.Write);
        Assert.False(Query(Base).IsAccessed);
        Assert.True(UserMemory.TryRead<byte>(Base, out _));
        Assert.True(Query(Base) is { IsAccessed: true, IsDirty: false });
        Assert.True(UserMemory.TryWrite(Base, (byte)1));
        Assert.True(Query(Base).IsDirty);

        VmCursor cursor = Space.Open(Base);
        cursor.ClearAccess();
        cursor.Dispose();
        Assert.True(Query(Base) is { IsAccessed: false, IsDirty: false });
        Assert.True(UserMemory.TryWrite(Base, (byte)2));
        Assert.True(Query(Base).IsDirty);
    }

    [Fact]
    public void FaultHandler_ResolvesFaultsOfCopies()
    {
        Space.FaultHandler = new MappingHandler(this);
        byte[] source = new byte[3 * (int)s_page];
        new Random(3).NextBytes(source);
        VmWriter writer = VmWriter.FromUser(Base + 100, source.Length);
        Assert.Equal(source.Length, writer.Write(source));

        byte[] back = new byte[source.Length];
        VmReader reader = VmReader.FromUser(Base + 100, back.Length);
        Assert.Equal(back.Length, reader.Read(back));
        Assert.Equal(source, back);
        Assert.False(UserMemory.TryRead<byte>(0x6000_0000, out _));
        Space.FaultHandler = null;
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(4090, 20)]
    [InlineData(4096 - 5, 5)]
    [InlineData(0, 0)]
    public void ReadString_AcrossPages(int offset, int length)
    {
        Space.FaultHandler = new MappingHandler(this);
        byte[] text = new byte[length];
        Array.Fill(text, (byte)'x');
        VmWriter writer = VmWriter.FromUser(Base + (ulong)offset, length + 1);
        writer.Write(text);
        writer.Fill(0, 1);

        byte[] buffer = new byte[64];
        Assert.Equal(length, UserMemory.ReadString(Base + (ulong)offset, buffer));
        Assert.Equal(text, buffer[..length]);
        Assert.Equal(Math.Min(3, length), UserMemory.ReadString(Base + (ulong)offset, new byte[3]));
        Space.FaultHandler = null;
    }

    [Fact]
    public void CompareExchange_IsExact()
    {
        MapNew(Base, PageProtection.Read | PageProtection.Write);
        Assert.True(UserMemory.TryWrite(Base, 5u));
        Assert.True(UserMemory.TryCompareExchange(Base, 4, 9, out uint observed));
        Assert.Equal(5u, observed);
        Assert.True(UserMemory.TryCompareExchange(Base, 5, 9, out observed));
        Assert.Equal(5u, observed);
        Assert.True(UserMemory.TryLoad(Base, out uint value));
        Assert.Equal(9u, value);
        Assert.False(UserMemory.TryLoad(Base + 2, out _));
        Assert.False(UserMemory.TryCompareExchange(Base + s_page, 0, 1, out _));
    }

    [Fact]
    public void Cursor_RefusesAddressesOutsideUserSpace()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Space.Open(1).Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => Space.Open(0xffff_8000_0000_0000).Dispose());
        Assert.True(Frame.TryAllocate(out Frame frame));
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            VmCursor cursor = Space.Open(Paging.UserSpaceEnd);
            try
            {
                cursor.TryMap(frame, PageProtection.Read);
            }
            finally
            {
                cursor.Dispose();
            }
        });
        frame.Release();
    }

    private Frame MapNew(ulong address, PageProtection protection)
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        VmCursor cursor = Space.Open(address);
        Assert.True(cursor.TryMap(frame, protection));
        cursor.Dispose();
        return frame;
    }

    private void Protect(ulong address, PageProtection protection)
    {
        VmCursor cursor = Space.Open(address);
        cursor.Protect(s_page, protection);
        cursor.Dispose();
    }

    private PageMapping Query(ulong address)
    {
        VmCursor cursor = Space.Open(address);
        Assert.True(cursor.TryQuery(out PageMapping mapping));
        cursor.Dispose();
        return mapping;
    }

    private sealed class MappingHandler(VmSpaceTests test) : IPageFaultHandler
    {
        public bool HandlePageFault(ulong address, PageFaultAccess access)
        {
            if (address is < Base or > Base + 0x100_0000)
            {
                return false;
            }
            test.MapNew(address & ~(s_page - 1), PageProtection.Read | PageProtection.Write);
            return true;
        }
    }
}
