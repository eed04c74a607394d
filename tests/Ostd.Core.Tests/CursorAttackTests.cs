// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Attacks on page tables: cursors used after they are closed, by way of copies or of a space that is gone (docs/soundness.md).</summary>
public class CursorAttackTests : IDisposable
{
    private const ulong Base = 0x4000_0000;
    private const ulong PageSize = 0x1000;
    private readonly long _freeBefore = PhysicalMemory.FreePages;
    private readonly VmSpace _space;

    public CursorAttackTests()
    {
        Assert.True(VmSpace.TryCreate(out VmSpace? space));
        _space = space;
    }

    private delegate void Use(ref VmCursor cursor);

    public void Dispose()
    {
        _space.Dispose();
        Assert.Equal(_freeBefore, PhysicalMemory.FreePages);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void EveryUse_AfterDispose_Throws()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        Assert.True(VmSpace.TryCreate(out VmSpace? other));
        Use[] uses =
        [
            (ref VmCursor c) => c.TryQuery(out _),
            (ref VmCursor c) => c.FindNext(Base + PageSize, out _),
            (ref VmCursor c) => c.TryMap(frame, PageProtection.Read),
            (ref VmCursor c) => c.Unmap(PageSize),
            (ref VmCursor c) => c.Protect(PageSize, PageProtection.Read),
            (ref VmCursor c) => c.ProtectPage(PageProtection.Read),
            (ref VmCursor c) => c.MovePagesTo(Base + PageSize, PageSize),
            (ref VmCursor c) => c.ClearAccess(),
            (ref VmCursor c) => c.CopyTo(other, PageSize, copyOnWrite: false),
        ];
        foreach (Use use in uses)
        {
            Assert.Throws<ObjectDisposedException>(() =>
            {
                VmCursor cursor = _space.Open(Base);
                cursor.Dispose();
                use(ref cursor);
            });
        }

        frame.Release();
        other.Dispose();
    }

    [Fact]
    public void Copy_WhenTheOriginalIsDisposed_ThrowsEvenIfAnotherCursorIsOpen()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        Assert.Throws<ObjectDisposedException>(() =>
        {
            VmCursor cursor = _space.Open(Base);
            VmCursor copy = cursor;
            cursor.Dispose();
            using VmCursor second = _space.Open(Base);
            copy.TryMap(frame, PageProtection.Read);
        });
        frame.Release();
    }

    [Fact]
    public void Copy_DisposedToo_DoesNotReleaseTheNextCursorsLock()
    {
        VmCursor cursor = _space.Open(Base);
        VmCursor copy = cursor;
        cursor.Dispose();
        VmCursor second = _space.Open(Base);
        copy.Dispose();

        Assert.False(second.TryQuery(out _)); // still open
        second.Dispose();
    }

    [Fact]
    public void CopyTo_ADisposedSpace_Throws()
    {
        Assert.True(Frame.TryAllocate(out Frame frame));
        VmCursor cursor = _space.Open(Base);
        Assert.True(cursor.TryMap(frame, PageProtection.Read));
        cursor.Dispose();
        Assert.True(VmSpace.TryCreate(out VmSpace? gone));
        gone.Dispose();

        Assert.Throws<ObjectDisposedException>(() =>
        {
            using VmCursor source = _space.Open(Base);
            VmCursor same = source;
            same.CopyTo(gone, PageSize, copyOnWrite: false);
        });
        Assert.Equal(1, frame.ReferenceCount);
    }

    [Fact]
    public void Open_OfADisposedSpace_Throws()
    {
        Assert.True(VmSpace.TryCreate(out VmSpace? gone));
        gone.Dispose();

        Assert.Throws<ObjectDisposedException>(() => gone.Open(Base).Dispose());
        Assert.Throws<ObjectDisposedException>(gone.Activate);
        gone.Dispose();
    }

    [Fact]
    public void MovePagesTo_AMappedPlace_LosesNoFrame()
    {
        Frame[] frames = new Frame[2];
        VmCursor cursor = _space.Open(Base);
        for (int i = 0; i < 2; i++)
        {
            Assert.True(Frame.TryAllocate(out frames[i]));
            Assert.True(cursor.TryMap(frames[i], PageProtection.Read));
        }

        cursor.MoveTo(Base);
        Assert.True(cursor.MovePagesTo(Base + PageSize, PageSize));
        cursor.Dispose();

        Assert.Throws<InvalidOperationException>(() => frames[1].ReferenceCount);
        Assert.Equal(1, frames[0].ReferenceCount);
    }

    [Fact]
    public void DefaultCursor_ReachesNothing()
    {
        Assert.Throws<NullReferenceException>(() =>
        {
            VmCursor cursor = default;
            cursor.TryQuery(out _);
        });
        VmCursor none = default;
        none.Dispose();
    }
}
