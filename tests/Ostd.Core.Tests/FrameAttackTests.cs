// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.InteropServices;
using System.Threading;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Attacks on the lifecycle of frames: what a client can do with handles that it copies, keeps, forges or releases too often (docs/soundness.md).</summary>
public class FrameAttackTests : ActiveSpaceTests
{
    private const ulong Base = 0x4000_0000;
    private const PageProtection ReadWrite = PageProtection.Read | PageProtection.Write;

    [Fact]
    public void Release_OfAMappedFrame_CannotTakeTheMappingsReference()
    {
        Frame frame = Map(Base);
        Assert.Equal(1, frame.ReferenceCount);

        Assert.Throws<InvalidOperationException>(() => frame.Release());

        Assert.Equal(1, frame.ReferenceCount);
        Assert.True(UserMemory.TryWrite(Base, 1u));
    }

    [Fact]
    public void Map_OfOneReferenceTwice_Throws()
    {
        Frame frame = Map(Base);

        Assert.Throws<InvalidOperationException>(() => Map(Base + 0x1000, frame));

        Assert.Equal(1, frame.ReferenceCount);
        Assert.False(UserMemory.TryRead<byte>(Base + 0x1000, out _));
    }

    [Fact]
    public void Release_OfAForkedFrame_CannotTakeTheChildsReference()
    {
        Frame frame = Map(Base);
        frame.Share();
        Assert.True(VmSpace.TryCreate(out VmSpace? child));
        using (VmCursor cursor = Space.Open(Base))
        {
            Assert.Equal(1, CopyAll(in cursor, child));
        }

        frame.Release();

        Assert.Throws<InvalidOperationException>(() => frame.Release());
        Assert.Equal(2, frame.ReferenceCount);
        child.Dispose();
        Assert.Equal(1, frame.ReferenceCount);
    }

    [Fact]
    public void LastMapping_Unmapped_FreesTheFrameAndMakesHandlesStale()
    {
        Frame frame = Map(Base);
        Unmap(Base);

        Assert.Throws<InvalidOperationException>(() => frame.ReferenceCount);
    }

    [Fact]
    public void ReadFromUser_WhoseFaultFreesTheTarget_DoesNotWriteIntoTheNextOwnersPage()
    {
        Assert.True(Frame.TryAllocate(out Frame target));
        var attacker = new Attacker(this, target);
        Space.FaultHandler = attacker;
        VmReader reader = VmReader.FromUser(Base, 64);
        VmWriter writer = target.Writer(0, 64);

        Assert.Equal(64, reader.CopyTo(ref writer));

        attacker.CheckNobodyWasHit();
        Assert.Throws<InvalidOperationException>(() => target.Read(0, new byte[1]));
    }

    [Fact]
    public void WriteToUser_WhoseFaultFreesTheSource_DoesNotReadTheNextOwnersPage()
    {
        Assert.True(Frame.TryAllocate(out Frame source));
        source.Fill(0, 64, 0x11);
        var attacker = new Attacker(this, source);
        Space.FaultHandler = attacker;
        VmReader reader = source.Reader(0, 64);
        VmWriter writer = VmWriter.FromUser(Base, 64);

        Assert.Equal(64, reader.CopyTo(ref writer));

        Assert.True(UserMemory.TryRead(Base + 32, out uint seen));
        Assert.Equal(0x1111_1111u, seen);
        attacker.CheckNobodyWasHit();
    }

    [Fact]
    public void ReaderAndWriter_ThatOutliveTheirFrame_Throw()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        Frame handle = frame;
        Assert.Throws<InvalidOperationException>(() =>
        {
            VmReader reader = handle.Reader(0, 8);
            handle.Release();
            reader.TryRead(out ulong _);
        });
        Assert.True(Frame.TryAllocate(out frame));
        Assert.Throws<InvalidOperationException>(() =>
        {
            VmWriter writer = frame.Writer(0, 8);
            frame.Release();
            writer.TryWrite(1UL);
        });
    }

    [Fact]
    public void ForgedHandles_OfEveryPage_ReachNoTypedOne()
    {
        // Any unmanaged value can be read from bytes, a handle too: safe code can make up every handle there is.
        Assert.True(Frame.TryAllocate(out Frame mine));
        byte[] bytes = new byte[8];
        int reached = 0;
        for (uint page = 0; page < FrameTable.Count + 16; page++)
        {
            uint generation = page < FrameTable.Count ? FrameTable.Slot(page).Generation : 1;
            MemoryMarshal.Write(bytes, (ulong)generation << 32 | page);
            var reader = new VmReader(bytes);
            Assert.True(reader.TryRead(out Frame forged));
            bool isTyped = page >= FrameTable.Count || FrameTable.Slot(page).State <= 0;
            try
            {
                forged.Fill(0, 1, 0);
                Assert.False(isTyped);
                reached++;
            }
            catch (InvalidOperationException)
            {
                Assert.True(isTyped);
            }
        }

        Assert.Equal(1, reached);
        mine.Release();
    }

    [Fact]
    public void TornHandles_HalfOldHalfNew_Throw()
    {
        // A handle is one word, which cannot tear; this is what a race would make of two halves.
        Assert.True(Frame.TryAllocate(out Frame first));
        Frame second;
        do
        {
            Assert.True(Frame.TryAllocate(out second));
            second.Release();
        }
        while (FrameTable.Slot((uint)second.PageNumber).Generation <= FrameTable.Slot((uint)first.PageNumber).Generation + 1);
        Assert.Equal(8, System.Runtime.CompilerServices.Unsafe.SizeOf<Frame>());
        ulong torn = MemoryMarshal.Cast<Frame, ulong>([second])[0] & 0xffff_ffff_0000_0000 | (uint)first.PageNumber;
        Frame forged = MemoryMarshal.Cast<ulong, Frame>([torn])[0];

        Assert.Throws<InvalidOperationException>(() => forged.Write(0, [1]));
        first.Release();
    }

    [Fact]
    public void ManyReleases_InARace_FreeOnce()
    {
        for (int round = 0; round < 200; round++)
        {
            Assert.True(Frame.TryAllocate(out Frame frame));
            int succeeded = 0;
            Action release = () =>
            {
                try
                {
                    frame.Release();
                    Interlocked.Increment(ref succeeded);
                }
                catch (InvalidOperationException)
                {
                }
            };
            Race.Run(1, release, release);
            Assert.Equal(1, succeeded);
        }
    }

    [Fact]
    public void Generations_Wrap_WithoutTheNullHandle()
    {
        Assert.Equal(1u, FrameSlot.NextGeneration((1u << 24) - 1));
        long word = FrameSlot.MakeWord(FrameState.FreeBlock - FrameAllocator.MaxOrder, (1u << 24) - 1);
        Assert.Equal(FrameState.FreeBlock - FrameAllocator.MaxOrder, FrameSlot.CountsOf(word));
        Assert.Equal((1u << 24) - 1, FrameSlot.GenerationOf(word));
    }

    private static long CopyAll(in VmCursor cursor, VmSpace child)
    {
        VmCursor same = cursor;
        return same.CopyTo(child, 0x1000, copyOnWrite: true);
    }

    private Frame Map(ulong address)
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        Map(address, frame);
        return frame;
    }

    private void Map(ulong address, Frame frame)
    {
        using VmCursor cursor = Space.Open(address);
        Assert.True(Advance(cursor, frame));
    }

    private static bool Advance(VmCursor cursor, Frame frame) => cursor.TryMap(frame, ReadWrite);

    private void Unmap(ulong address)
    {
        using VmCursor cursor = Space.Open(address);
        VmCursor same = cursor;
        Assert.Equal(1, same.Unmap(0x1000));
    }

    // Frees the frame of a copy in the midst of the copy, and takes its page at once for another use.
    private sealed class Attacker(FrameAttackTests test, Frame victim) : IPageFaultHandler
    {
        private Frame _next;

        public bool HandlePageFault(ulong address, PageFaultAccess access)
        {
            victim.Release();
            Assert.True(Frame.TryAllocate(out _next));
            _next.Fill(0, Paging.PageSizeBytes, 0xee);
            test.Map(address & ~0xfffUL);
            return true;
        }

        public void CheckNobodyWasHit()
        {
            byte[] bytes = new byte[Paging.PageSizeBytes];
            _next.Read(0, bytes);
            Assert.True(bytes.AsSpan().IndexOfAnyExcept((byte)0xee) < 0);
            _next.Release();
        }
    }
}
