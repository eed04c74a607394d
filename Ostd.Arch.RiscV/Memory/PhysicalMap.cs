// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>The linear map of physical memory in the kernel's half.</summary>
// SAFETY: only arithmetic on addresses; who dereferences the result answers for it.
public static unsafe class PhysicalMap
{
    /// <summary>Virtual address of physical address 0.</summary>
    [InterruptSafe]
    public static ulong Base => 0xffff_8000_0000_0000;

    /// <summary>The map is made by page tables, which begin with the boot code's.</summary>
    public static bool IsInPageTables => true;

    /// <summary>Difference between the kernel image's virtual and physical addresses: RAM begins at 2 GiB.</summary>
    public static ulong KernelImageOffset => 0xffff_ffff_0000_0000;

    /// <summary>A pointer to physical memory.</summary>
    [InterruptSafe]
    public static byte* ToPointer(ulong physicalAddress) => (byte*)(Base + physicalAddress);

    /// <summary>Physical address behind a pointer into the linear map.</summary>
    public static ulong ToPhysical(void* pointer) => (ulong)pointer - Base;
}
