// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Runtime;
using System.Runtime.CompilerServices;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>A range of physical memory as the firmware describes it.</summary>
public readonly record struct MemoryRegion(ulong Start, ulong Length, bool IsUsable);

/// <summary>What the firmware handed over: a flattened device tree, which is copied out of its memory.</summary>
// SAFETY: the tree is read through the linear map before any frame is handed out, within the length that it states; the kernel has to trust it as it trusts the loaded image.
public static unsafe class BootParameters
{
    private const int HeaderLength = 40;

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
    public static string LoaderName => "SBI";

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
    /// <param name="protocol">Number of the hart that booted.</param>
    public static void Initialize(ulong physicalAddress, uint protocol)
    {
        byte* tree = PhysicalMap.ToPointer(physicalAddress);
        int length = DeviceTreeReader.LengthOf(new ReadOnlySpan<byte>(tree, HeaderLength));
        Platform.Initialize(DeviceTreeReader.Read(new ReadOnlySpan<byte>(tree, length)), protocol);
        if (Platform.Find(Platform.Root, "chosen") is { } chosen)
        {
            ReadOnlySpan<byte> text = chosen.Get("bootargs");
            int end = text.IndexOf((byte)0);
            s_commandLine = (end < 0 ? text : text[..end]).ToArray();
            InitramfsStart = chosen.GetNumber("linux,initrd-start");
            InitramfsLength = chosen.GetNumber("linux,initrd-end") - InitramfsStart;
        }

        ReadMemory();
    }

    // RAM, less what the firmware keeps for itself (Devicetree Specification 0.4, sections 3.4 and 3.5).
    private static void ReadMemory()
    {
        List<MemoryRegion> reserved = [];
        foreach (DeviceTreeNode node in Platform.Find(Platform.Root, "reserved-memory")?.Children ?? [])
        {
            for (int i = 0; node.TryGetRange(i, out ulong start, out ulong length); i++)
            {
                reserved.Add(new MemoryRegion(start, length, false));
            }
        }

        s_regions.AddRange(reserved);
        foreach (DeviceTreeNode node in Platform.Root.Children)
        {
            for (int i = 0; node.GetText("device_type") == "memory" && node.TryGetRange(i, out ulong start, out ulong length); i++)
            {
                AddUsable(start, start + length, reserved);
            }
        }
    }

    private static void AddUsable(ulong start, ulong end, List<MemoryRegion> reserved)
    {
        foreach (MemoryRegion hole in reserved)
        {
            if (hole.Start < end && hole.Start + hole.Length > start)
            {
                AddUsable(start, Math.Max(start, hole.Start), reserved);
                start = Math.Min(end, hole.Start + hole.Length);
            }
        }

        if (start < end)
        {
            s_regions.Add(new MemoryRegion(start, end - start, true));
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchKernelPhysicalStart")]
    private static extern ulong KernelPhysicalStart();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchKernelPhysicalEnd")]
    private static extern ulong KernelPhysicalEnd();
}
