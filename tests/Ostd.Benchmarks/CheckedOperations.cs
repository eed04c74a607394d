// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Memory.Buddy;
using Ostd.Devices;
using Ostd.Memory;
using Ostd.Sync;
using Ostd.Testing;

namespace Ostd.Benchmarks;

/// <summary>The operations whose checks <c>osdk bench checks</c> counts: run once by the kernel as it is, once by one without the checks.</summary>
public static class CheckedOperations
{
    private const int Count = 200;
    private const int Many = 4096;
    private const ulong UserAddress = 0x4000_0000;

    // Between memory and the chipset's registers of QEMU's q35 with 1 GiB; nothing answers there, which makes no difference to a count of instructions.
    private const ulong DeviceAddress = 0x8000_0000;

    private static readonly byte[] s_page = new byte[Paging.PageSizeBytes];
    private static readonly Frame[] s_frames = new Frame[Many];
    private static uint s_read;

    /// <summary>Prints the costs.</summary>
    [KernelTest]
    public static void Figures()
    {
        ReportFrames();
        ReportDevice();
        ReportLock();
        ReportUserCopies();
        ReportAllocation("default allocator");
        FrameAllocation.Install(new BuddyFrameAllocator());
        ReportAllocation("injected allocator");
    }

    private static void ReportFrames()
    {
        KernelAssert.True(Frame.TryAllocate(out Frame frame));
        Measurement.Report("frame read of 4 KiB", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                frame.Read(0, s_page);
            }
        }, Empty);
        Measurement.Report("frame write of 4 KiB", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                frame.Write(0, s_page);
            }
        }, Empty);
        frame.Release();
    }

    private static void ReportDevice()
    {
        KernelAssert.True(IoMem.TryAcquire(DeviceAddress, Paging.PageSizeBytes, out IoMem? registers));
        IoRegister<uint> register = registers.Register<uint>(16);
        Measurement.Report("MMIO read of 32 bits", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                s_read = register.Read();
            }
        }, Empty);
        registers.Dispose();
    }

    private static void ReportLock()
    {
        var spin = new SpinLock();
        Measurement.Report("spin lock pair", Count, n =>
        {
            for (int i = 0; i < n; i++)
            {
                using SpinGuard guard = spin.Acquire();
            }
        }, Empty);
    }

    private static void ReportUserCopies()
    {
        KernelAssert.True(VmSpace.TryCreate(out VmSpace? space));
        space.Activate();
        KernelAssert.True(Frame.TryAllocate(out Frame frame));
        VmCursor cursor = space.Open(UserAddress);
        bool isMapped = cursor.TryMap(frame, PageProtection.Read | PageProtection.Write);
        cursor.Dispose();
        KernelAssert.True(isMapped);
        ReportUserCopy("64 B", 64);
        ReportUserCopy("4 KiB", Paging.PageSizeBytes);
        VmSpace.Deactivate();
        space.Dispose();
    }

    private static void ReportUserCopy(string size, int length)
    {
        Measurement.Report("user copy of " + size + ", in", Count, n =>
        {
            Span<byte> target = s_page.AsSpan(0, length);
            for (int i = 0; i < n; i++)
            {
                VmReader reader = VmReader.FromUser(UserAddress, length);
                reader.Read(target);
            }
        }, Empty);
        Measurement.Report("user copy of " + size + ", out", Count, n =>
        {
            ReadOnlySpan<byte> source = s_page.AsSpan(0, length);
            for (int i = 0; i < n; i++)
            {
                VmWriter writer = VmWriter.FromUser(UserAddress, length);
                writer.Write(source);
            }
        }, Empty);
    }

    private static void ReportAllocation(string allocator)
    {
        Measurement.Report("frame allocation and release, " + allocator, Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                if (Frame.TryAllocate(out Frame frame))
                {
                    frame.Release();
                }
            }
        }, Empty);
        Measurement.Report("frame allocation without zeroing, " + allocator, Count, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                if (Frame.TryAllocateUninitialized(out Frame frame))
                {
                    frame.Release();
                }
            }
        }, Empty);

        // More than are kept in front of the allocator's blocks or of the policy: most of them come from there and go back.
        Measurement.Report($"frame allocation without zeroing, {Many} at a time, " + allocator, Many, static n =>
        {
            for (int i = 0; i < n; i++)
            {
                _ = Frame.TryAllocateUninitialized(out s_frames[i]);
            }

            for (int i = 0; i < n; i++)
            {
                s_frames[i].Release();
            }
        }, Empty);
    }

    private static void Empty(int n)
    {
        for (int i = 0; i < n; i++)
        {
        }
    }
}
