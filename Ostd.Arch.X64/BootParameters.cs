// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>A range of physical memory as the firmware describes it.</summary>
public readonly record struct MemoryRegion(ulong Start, ulong Length, bool IsUsable);

/// <summary>
/// What the boot loader handed over, copied out of the loader's memory: PVH (Xen's <c>hvm_start_info</c>) or multiboot2 (specification 2.0, section 3.6).
/// </summary>
// SAFETY: the loader's structures are read through the linear map before any frame is handed out, within the lengths that they state.
public static unsafe class BootParameters
{
    private const uint PvhProtocol = 1;
    private const uint PvhMagic = 0x336e_c578;
    private const int MaxRegions = 128;
    private const int MaxCommandLine = 4096;

    private static Storage s_storage;
    private static bool s_isPvh;

    /// <summary>Number of memory regions.</summary>
    public static int MemoryRegionCount { get; private set; }

    /// <summary>Physical address of the initramfs.</summary>
    public static ulong InitramfsStart { get; private set; }

    /// <summary>Length of the initramfs in bytes; 0 when there is none.</summary>
    public static ulong InitramfsLength { get; private set; }

    /// <summary>Length of the command line in bytes.</summary>
    public static int CommandLineLength { get; private set; }

    /// <summary>Physical address of ACPI's root pointer, or 0 when the loader did not tell it.</summary>
    public static ulong AcpiRootPointer { get; private set; }

    /// <summary>Protocol of the loader.</summary>
    public static string LoaderName => s_isPvh ? "PVH" : "multiboot2";

    /// <summary>First byte of physical memory that the kernel image occupies, its uninitialised data included.</summary>
    public static ulong KernelStart => KernelPhysicalStart();

    /// <summary>First byte past the kernel image.</summary>
    public static ulong KernelEnd => KernelPhysicalEnd();

    /// <summary>One byte of the command line.</summary>
    public static byte CommandLineByte(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)CommandLineLength);
        return s_storage.CommandLine[index];
    }

    /// <summary>One memory region; they may overlap and come in any order.</summary>
    public static MemoryRegion GetMemoryRegion(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)MemoryRegionCount);
        return new MemoryRegion(s_storage.RegionStart[index], s_storage.RegionLength[index], s_storage.RegionUsable[index]);
    }

    /// <summary>Reads the loader's structures. Once, before physical memory is used for anything.</summary>
    public static void Initialize(ulong physicalAddress, uint protocol)
    {
        s_isPvh = protocol == PvhProtocol;
        byte* info = PhysicalMap.ToPointer(physicalAddress);
        if (!s_isPvh)
        {
            ReadMultiboot(info);
        }
        else if (*(uint*)info == PvhMagic)
        {
            ReadPvh(info);
        }
    }

    // SAFETY (both readers): the structures are the loader's, which the kernel has to trust as it trusts the loaded image.
    private static void ReadPvh(byte* info)
    {
        uint version = *(uint*)(info + 4);
        uint moduleCount = *(uint*)(info + 12);
        if (moduleCount > 0)
        {
            ulong* module = (ulong*)PhysicalMap.ToPointer(*(ulong*)(info + 16));
            InitramfsStart = module[0];
            InitramfsLength = module[1];
        }

        ulong commandLine = *(ulong*)(info + 24);
        if (commandLine != 0)
        {
            CopyCommandLine(PhysicalMap.ToPointer(commandLine), MaxCommandLine);
        }

        AcpiRootPointer = *(ulong*)(info + 32);
        if (version >= 1)
        {
            byte* entry = PhysicalMap.ToPointer(*(ulong*)(info + 40));
            uint count = *(uint*)(info + 48);
            for (uint i = 0; i < count; i++, entry += 24)
            {
                AddRegion(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
            }
        }
    }

    private static void ReadMultiboot(byte* info)
    {
        byte* end = info + *(uint*)info;
        for (byte* tag = info + 8; tag < end; tag += (*(uint*)(tag + 4) + 7) & ~7u)
        {
            uint size = *(uint*)(tag + 4);
            switch (*(uint*)tag)
            {
                case 0:
                    return;
                case 1:
                    CopyCommandLine(tag + 8, (int)size - 8);
                    break;
                case 3 when InitramfsLength == 0:
                    InitramfsStart = *(uint*)(tag + 8);
                    InitramfsLength = *(uint*)(tag + 12) - InitramfsStart;
                    break;
                case 6:
                    uint entrySize = *(uint*)(tag + 8);
                    for (byte* entry = tag + 16; entry + entrySize <= tag + size; entry += entrySize)
                    {
                        AddRegion(*(ulong*)entry, *(ulong*)(entry + 8), *(uint*)(entry + 16));
                    }

                    break;
                case 14 or 15: // a copy of the ACPI root pointer
                    AcpiRootPointer = PhysicalMap.ToPhysical(tag + 8);
                    break;
                default:
                    break;
            }
        }
    }

    private static void CopyCommandLine(byte* text, int limit)
    {
        int length = 0;
        while (length < limit && length < MaxCommandLine && text[length] != 0)
        {
            s_storage.CommandLine[length] = text[length];
            length++;
        }

        CommandLineLength = length;
    }

    private static void AddRegion(ulong start, ulong length, uint type)
    {
        const uint usableRam = 1; // the types are those of INT 15h, E820h (ACPI specification, section 15)
        if (MemoryRegionCount < MaxRegions && length != 0)
        {
            int index = MemoryRegionCount++;
            s_storage.RegionStart[index] = start;
            s_storage.RegionLength[index] = length;
            s_storage.RegionUsable[index] = type == usableRam;
        }
    }

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchKernelPhysicalStart")]
    private static extern ulong KernelPhysicalStart();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchKernelPhysicalEnd")]
    private static extern ulong KernelPhysicalEnd();

    private struct Storage
    {
        public fixed ulong RegionStart[MaxRegions];
        public fixed ulong RegionLength[MaxRegions];
        public fixed bool RegionUsable[MaxRegions];
        public fixed byte CommandLine[MaxCommandLine];
    }
}
