// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.Testing;

namespace Kernel.Tests.Memory;

/// <summary>The user copies against real page faults.</summary>
public static class UserCopyTests
{
    private const ulong Base = 0x4000_0000;

    [KernelTest]
    public static void CopiesOfEveryAlignment_AreExact_AndStopAtTheHole()
    {
        using var space = new TestSpace();
        space.Map(Base, PageProtection.Read | PageProtection.Write);
        ulong end = Base + (ulong)Paging.PageSizeBytes;
        byte[] source = new byte[200];
        byte[] back = new byte[200];
        for (int i = 0; i < source.Length; i++)
        {
            source[i] = (byte)(i * 167 + 13);
        }

        for (int length = 0; length <= 150; length++)
        {
            for (int offset = 0; offset < 9; offset++)
            {
                // All of it fits.
                VmWriter writer = VmWriter.FromUser(Base + (ulong)offset, length);
                KernelAssert.Equal(length, writer.Write(source.AsSpan(0, length)));
                VmReader reader = VmReader.FromUser(Base + (ulong)offset, length);
                KernelAssert.Equal(length, reader.Read(back.AsSpan(0, length)));
                KernelAssert.True(source.AsSpan(0, length).SequenceEqual(back.AsSpan(0, length)));

                // The last `offset` bytes do not.
                int fits = Math.Max(0, length - offset);
                writer = VmWriter.FromUser(end - (ulong)fits, length);
                KernelAssert.Equal(fits, writer.Write(source.AsSpan(0, length)));
                KernelAssert.Equal(fits < length, writer.HasFaulted);
                reader = VmReader.FromUser(end - (ulong)fits, length);
                KernelAssert.Equal(fits, reader.Read(back.AsSpan(0, length)));
                KernelAssert.True(source.AsSpan(0, fits).SequenceEqual(back.AsSpan(0, fits)));
                writer = VmWriter.FromUser(end - (ulong)fits, length);
                KernelAssert.Equal(fits, writer.Fill(0x5a, length));
            }
        }
    }

    [KernelTest]
    public static void Strings_EndAtTheNulOrFault()
    {
        using var space = new TestSpace();
        space.Map(Base, PageProtection.Read | PageProtection.Write);
        ulong end = Base + (ulong)Paging.PageSizeBytes;
        byte[] buffer = new byte[16];
        VmWriter writer = VmWriter.FromUser(end - 4, 4);
        KernelAssert.Equal(4, writer.Write("abc\0"u8));
        KernelAssert.Equal(3, UserMemory.ReadString(end - 4, buffer));
        writer = VmWriter.FromUser(end - 4, 4);
        KernelAssert.Equal(4, writer.Write("abcd"u8));
        KernelAssert.Equal(-1, UserMemory.ReadString(end - 4, buffer));
        KernelAssert.Equal(-1, UserMemory.ReadString(0, buffer));
        KernelAssert.Equal(-1, UserMemory.ReadString(0xffff_8000_0000_0000, buffer));
    }

    [KernelTest]
    public static void WordAccesses_FaultInsteadOfCrashing()
    {
        using var space = new TestSpace();
        space.Map(Base, PageProtection.Read);
        KernelAssert.True(UserMemory.TryLoad(Base, out uint value));
        KernelAssert.Equal(0u, value);
        KernelAssert.False(UserMemory.TryCompareExchange(Base, 0, 1, out _));
        KernelAssert.False(UserMemory.TryLoad(Base + 2, out _));
        KernelAssert.False(UserMemory.TryLoad(0xffff_ffff_8000_0000, out _));
        KernelAssert.False(UserMemory.TryLoad(0x8000_0000_0000_0000, out _));
        KernelAssert.False(UserMemory.TryWrite(Base, 1));
    }

    [KernelTest]
    public static void ProtectionChanges_TakeEffectAtOnce()
    {
        using var space = new TestSpace();
        space.Map(Base, PageProtection.Read | PageProtection.Write);
        KernelAssert.True(UserMemory.TryWrite(Base, 5));
        VmCursor cursor = space.Space.Open(Base);
        cursor.Protect((ulong)Paging.PageSizeBytes, PageProtection.Read);
        cursor.Dispose();
        KernelAssert.False(UserMemory.TryWrite(Base, 6));
        cursor = space.Space.Open(Base);
        KernelAssert.Equal(1L, cursor.Unmap((ulong)Paging.PageSizeBytes));
        cursor.Dispose();
        KernelAssert.False(UserMemory.TryRead<int>(Base, out _));
    }

    [KernelTest]
    public static void SpacesThatComeAndGo_LeaveMemoryWhereItWas()
    {
        CreateAndDispose();
        long before = PhysicalMemory.FreePages;
        for (int i = 0; i < 20; i++)
        {
            CreateAndDispose();
        }
        
        // The collected heap may have grown by a little; a leak of the spaces would be 20 times 40 pages.
        KernelAssert.True(Math.Abs(PhysicalMemory.FreePages - before) < 300);
    }

    private static void CreateAndDispose()
    {
        using var space = new TestSpace();
        for (ulong i = 0; i < 40; i++)
        {
            space.Map(Base + (i << 25), PageProtection.Read | PageProtection.Write);
        }
    }

    private sealed class TestSpace : IDisposable
    {
        public TestSpace()
        {
            KernelAssert.True(VmSpace.TryCreate(out VmSpace? space));
            Space = space;
            Space.Activate();
        }

        public VmSpace Space { get; }

        public void Map(ulong address, PageProtection protection)
        {
            KernelAssert.True(Frame.TryAllocate(out Frame frame));
            VmCursor cursor = Space.Open(address);
            bool isMapped = cursor.TryMap(frame, protection);
            cursor.Dispose();
            KernelAssert.True(isMapped);
        }

        public void Dispose()
        {
            VmSpace.Deactivate();
            Space.Dispose();
        }
    }
}
