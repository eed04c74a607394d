// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>A range of physical memory as the firmware describes it.</summary>
public readonly record struct MemoryRegion(ulong Start, ulong Length, bool IsUsable);

/// <summary>The hosted machine is started without a loader.</summary>
public static class BootParameters
{
    /// <summary>Number of memory regions.</summary>
    public static int MemoryRegionCount => 1;

    /// <summary>No initramfs.</summary>
    public static ulong InitramfsStart => 0;

    /// <summary>No initramfs.</summary>
    public static ulong InitramfsLength => 0;

    /// <summary>No command line.</summary>
    public static int CommandLineLength => 0;

    /// <summary>No image.</summary>
    public static ulong KernelStart => 0;

    /// <summary>No image.</summary>
    public static ulong KernelEnd => 0;

    /// <summary>Name of the loader.</summary>
    public static string LoaderName => "host";

    /// <summary>A byte of the command line.</summary>
    public static byte CommandLineByte(int index) => 0;

    /// <summary>A memory region.</summary>
    public static MemoryRegion GetMemoryRegion(int index) => new(0, PhysicalMap.SizeBytes, true);

    /// <summary>Nothing to take over.</summary>
    public static void Initialize(ulong physicalAddress, uint protocol)
    {
    }
}
