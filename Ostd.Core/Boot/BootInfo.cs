// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Ostd.Arch;
using Ostd.Memory;

namespace Ostd.Boot;

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

    /// <summary>A reader over a part of the initramfs.</summary>
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
