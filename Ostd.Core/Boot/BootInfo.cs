// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Ostd.Arch;
using Ostd.Memory;

namespace Ostd.Boot;

/// <summary>A range of physical memory as firmware describes it.</summary>
/// <param name="Start">Physical address of its first byte.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="IsUsable">It is RAM for the kernel's use; else firmware's, a device's, or broken.</param>
public readonly record struct BootMemoryRegion(ulong Start, ulong Length, bool IsUsable);

/// <summary>What the boot loader handed over.</summary>
public static unsafe class BootInfo
{
    private static string? s_commandLine;
    private static bool s_isInitramfsReleased;

    /// <summary>The kernel command line.</summary>
    public static string CommandLine => s_commandLine ??= ReadCommandLine();

    /// <summary>Size of the initramfs, in bytes; 0 when there is none.</summary>
    public static long InitramfsLength => s_isInitramfsReleased ? 0 : (long)BootParameters.InitramfsLength;

    /// <summary>Name and protocol of the boot loader, for the log.</summary>
    public static string LoaderName => BootParameters.LoaderName;

    /// <summary>Number of regions in firmware's memory map.</summary>
    public static int MemoryRegionCount => BootParameters.MemoryRegionCount;

    /// <summary>One region of firmware's memory map, in firmware's order: regions may overlap, and what none names may be a device's. Of the usable ones OSTD has taken the kernel's image and its tables.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such region.</exception>
    public static BootMemoryRegion GetMemoryRegion(int index)
    {
        MemoryRegion region = BootParameters.GetMemoryRegion(index);
        return new BootMemoryRegion(region.Start, region.Length, region.IsUsable);
    }

    /// <summary>A reader over a part of the initramfs.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves it.</exception>
    public static VmReader InitramfsReader(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, InitramfsLength - length, nameof(offset));

        // SAFETY: the range lies in the initramfs, which is reserved until it is released.
        return new VmReader(new ReadOnlySpan<byte>(PhysicalMap.ToPointer(BootParameters.InitramfsStart) + offset, length));
    }

    /// <summary>Gives the initramfs' memory to the frame allocator. No reader of it may be in use any more, and none can be had afterwards.</summary>
    public static void ReleaseInitramfs()
    {
        if (InitramfsLength == 0)
        {
            return;
        }

        s_isInitramfsReleased = true;
        PhysicalMemory.ReleaseReserved(BootParameters.InitramfsStart, BootParameters.InitramfsLength);
    }

    private static string ReadCommandLine()
    {
        Span<byte> bytes = stackalloc byte[BootParameters.CommandLineLength];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = BootParameters.CommandLineByte(i);
        }

        return Encoding.UTF8.GetString(bytes);
    }
}
