// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>A range of physical memory as the firmware describes it.</summary>
public readonly record struct MemoryRegion(ulong Start, ulong Length, bool IsUsable);

/// <summary>
/// What QEMU hands over to a kernel that it loads itself: a flattened device tree at a fixed place, which is copied out of its memory, and behind its firmware configuration device the size of memory, and as files
/// <c>opt/cmdline</c> and <c>opt/initrd</c> the command line and the initramfs.
/// </summary>
// SAFETY: the tree is read through the linear map before any frame is handed out, within the length that it states; the kernel has to trust it as it trusts the loaded image.
public static unsafe class BootParameters
{
    private const int HeaderLength = 40;

    // QEMU 7.2, hw/loongarch/virt.c: memory begins at 0, and what does not fit below the devices goes on above.
    private const ulong LowMemorySize = 0x1000_0000;
    private const ulong HighMemoryStart = 0x9000_0000;

    private static readonly List<MemoryRegion> s_regions = [];
    private static byte[] s_commandLine = [];

    /// <summary>Number of memory regions.</summary>
    public static int MemoryRegionCount => s_regions.Count;

    /// <summary>Physical address of the initramfs.</summary>
    public static ulong InitramfsStart { get; private set; }

    /// <summary>Length of the initramfs in bytes; 0 when there is none.</summary>
    public static ulong InitramfsLength { get; private set; }

    /// <summary>Length of the command line in bytes.</summary>
    public static int CommandLineLength => s_commandLine.Length;

    /// <summary>Protocol of the loader.</summary>
    public static string LoaderName => "QEMU fw_cfg";

    /// <summary>First byte of physical memory that the kernel image occupies, its uninitialised data included.</summary>
    public static ulong KernelStart => KernelPhysicalStart();

    /// <summary>First byte past the kernel image.</summary>
    public static ulong KernelEnd => KernelPhysicalEnd();

    /// <summary>One byte of the command line.</summary>
    public static byte CommandLineByte(int index) => s_commandLine[index];

    /// <summary>One memory region.</summary>
    public static MemoryRegion GetMemoryRegion(int index) => s_regions[index];

    /// <summary>Reads the tree. Once, before physical memory is used for anything.</summary>
    /// <param name="physicalAddress">Where the tree is.</param>
    /// <param name="protocol">CPUID of the CPU that booted.</param>
    public static void Initialize(ulong physicalAddress, uint protocol)
    {
        byte* tree = PhysicalMap.ToPointer(physicalAddress);
        int length = DeviceTreeReader.LengthOf(new ReadOnlySpan<byte>(tree, HeaderLength));
        Platform.Initialize(DeviceTreeReader.Read(new ReadOnlySpan<byte>(tree, length)), protocol);
        if (!FirmwareConfiguration.TryInitialize())
        {
            return;
        }

        ulong size = FirmwareConfiguration.ReadMemorySize();
        s_regions.Add(new MemoryRegion(0, Math.Min(size, LowMemorySize), true));
        if (size > LowMemorySize)
        {
            s_regions.Add(new MemoryRegion(HighMemoryStart, size - LowMemorySize, true));
        }

        if (FirmwareConfiguration.TryFind("opt/cmdline", out ushort key, out uint commandLineLength))
        {
            s_commandLine = FirmwareConfiguration.ReadFile(key, commandLineLength);
        }

        if (FirmwareConfiguration.TryFind("opt/initrd", out key, out uint initramfsLength))
        {
            LoadInitramfs(key, initramfsLength, size);
        }
    }

    // Behind the image if there is room, else at the start of high memory.
    private static void LoadInitramfs(ushort key, uint length, ulong memorySize)
    {
        ulong pageMask = (1ul << PageTableFormat.PageShift) - 1;
        ulong start = (KernelEnd + pageMask) & ~pageMask;
        if (length > Math.Min(memorySize, LowMemorySize) - start)
        {
            start = HighMemoryStart;
            if (memorySize < LowMemorySize || length > memorySize - LowMemorySize)
            {
                return;
            }
        }

        if (FirmwareConfiguration.TryTransfer(key, length, start))
        {
            InitramfsStart = start;
            InitramfsLength = length;
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchKernelPhysicalStart")]
    private static extern ulong KernelPhysicalStart();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchKernelPhysicalEnd")]
    private static extern ulong KernelPhysicalEnd();
}
