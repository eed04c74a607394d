// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Memory;

namespace Ostd.Boot;

/// <summary>What the boot loader handed over.</summary>
public static class BootInfo
{
    /// <summary>The kernel command line.</summary>
    public static string CommandLine => throw new NotSupportedException();

    /// <summary>Size of the initramfs, in bytes; 0 when there is none.</summary>
    public static long InitramfsLength => throw new NotSupportedException();

    /// <summary>A reader over a part of the initramfs.</summary>
    public static VmReader InitramfsReader(long offset, int length) => throw new NotSupportedException();

    /// <summary>Gives the initramfs' memory to the frame allocator. Readers of it end with an exception afterwards.</summary>
    public static void ReleaseInitramfs() => throw new NotSupportedException();

    /// <summary>Name and protocol of the boot loader, for the log.</summary>
    public static string LoaderName => throw new NotSupportedException();
}

/// <summary>Ends the machine.</summary>
public static class Power
{
    /// <summary>Powers off. In QEMU the process ends with status 0, or, where isa-debug-exit is there and <paramref name="exitCode"/> is not 0, with a status made of the code.</summary>
    public static void Off(int exitCode = 0) => throw new NotSupportedException();

    /// <summary>Resets.</summary>
    public static void Reset() => throw new NotSupportedException();
}

/// <summary>The end of the road: a broken invariant.</summary>
public static class Panic
{
    /// <summary>Stops all CPUs, prints the reason with registers and a backtrace, and ends QEMU with a status that says so.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Halt(string reason) => throw new NotSupportedException();
}
