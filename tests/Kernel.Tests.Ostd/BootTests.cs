// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Boot;
using Ostd.Devices;
using Ostd.Memory;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Ostd;

/// <summary>What the loader and the machine give: the memory map, the console.</summary>
public static class BootTests
{
    private const byte LoopBack = 0x10;
    private const long LimitNs = 1_000_000_000;

    [KernelTest]
    public static void MemoryRegions_HoldAllThatTheAllocatorManages()
    {
        ulong usable = 0;
        for (int i = 0; i < BootInfo.MemoryRegionCount; i++)
        {
            BootMemoryRegion region = BootInfo.GetMemoryRegion(i);
            Check.That(region.Length != 0, "a region has a length");
            usable += region.IsUsable ? region.Length : 0;
        }

        ulong managed = (ulong)PhysicalMemory.TotalPages * (ulong)Paging.PageSizeBytes;
        Check.That(usable >= managed, "usable memory is less than the allocator's");
        Check.That(usable < managed + (managed >> 3), "much of the usable memory is not the allocator's"); // image, tables, the first MiB
        bool hasThrown = false;
        try
        {
            BootInfo.GetMemoryRegion(BootInfo.MemoryRegionCount);
        }
        catch (ArgumentOutOfRangeException)
        {
            hasThrown = true;
        }

        Check.That(hasThrown, "one past the last region is refused");
    }

    [KernelTest]
    public static void EarlyConsole_InLoopBack_ReadsWhatItWrites()
    {
        using var control = new ModemControl();
        byte before = control.Value;
        control.Value = (byte)(before | LoopBack);
        while (EarlyConsole.TryRead(out _))
        {
        }

        EarlyConsole.Write("\u0001Q"u8);
        bool isFirst = TryRead(out byte first);
        bool isSecond = TryRead(out byte second);
        control.Value = before;
        Check.That(isFirst && isSecond, "two bytes have come");
        Check.Equal((byte)1, first, "first byte");
        Check.Equal((byte)'Q', second, "second byte");
        Check.That(!EarlyConsole.TryRead(out _), "no third byte");
    }

    private static bool TryRead(out byte value)
    {
        long limit = Clock.MonotonicNs + LimitNs;
        while (!EarlyConsole.TryRead(out value))
        {
            if (Clock.MonotonicNs > limit)
            {
                return false;
            }
        }

        return true;
    }
}
