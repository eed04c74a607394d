// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;
using Ostd.Testing;

namespace Kernel.Tests.Memory;

/// <summary>Frames on the real machine.</summary>
public static class FrameTests
{
    [KernelTest]
    public static void FreshFrame_IsZero_AndKeepsWhatIsWritten()
    {
        KernelAssert.True(Frame.TryAllocateUninitialized(out Frame used));
        used.Fill(0, Paging.PageSizeBytes, 0xa5);
        used.Release();
        KernelAssert.True(Frame.TryAllocate(out Frame frame));
        byte[] bytes = new byte[Paging.PageSizeBytes];
        frame.Read(0, bytes);
        KernelAssert.True(bytes.AsSpan().IndexOfAnyExcept((byte)0) < 0);
        frame.Write(100, [1, 2, 3]);
        KernelAssert.True(Frame.TryAllocateUninitialized(out Frame copy));
        copy.CopyFrom(frame);
        copy.Read(100, bytes.AsSpan(0, 3));
        KernelAssert.True(bytes.AsSpan(0, 3).SequenceEqual((ReadOnlySpan<byte>)[1, 2, 3]));
        copy.Release();
        frame.Release();
    }

    [KernelTest]
    public static void StaleHandles_Throw()
    {
        KernelAssert.True(Frame.TryAllocate(out Frame frame));
        frame.Release();
        KernelAssert.Throws<InvalidOperationException>(frame.Release);
        KernelAssert.Throws<InvalidOperationException>(() => frame.Write(0, [1]));
        KernelAssert.Throws<InvalidOperationException>(() => frame.Share());
        KernelAssert.True(Frame.TryAllocate(out Frame next));
        KernelAssert.Throws<InvalidOperationException>(() => frame.Fill(0, 1, 1));
        next.Release();
    }
}
