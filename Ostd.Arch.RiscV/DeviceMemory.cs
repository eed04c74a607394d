// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>Device registers in physical memory: how they are reached, and which of them drivers must never have.</summary>
// SAFETY: declares a pointer and follows none.
public static unsafe class DeviceMemory
{
    /// <summary>Where device registers are reachable without page tables; null when the kernel has to map them.</summary>
    public static byte* FixedMapping(ulong physicalAddress, ulong length) => null;

    /// <summary>True when the range touches registers that could break memory safety: interrupt controllers, harts' timers, power and reset, PCI configuration.</summary>
    public static bool IsSensitive(ulong start, ulong length) =>
        Touches("riscv,plic0"u8, start, length) || Touches("sifive,plic-1.0.0"u8, start, length) || Touches("riscv,clint0"u8, start, length) || Touches("sifive,clint0"u8, start, length)
        || Touches("syscon"u8, start, length) || Touches("pci-host-ecam-generic"u8, start, length) || Touches("qemu,fw-cfg-mmio"u8, start, length);

    private static bool Touches(ReadOnlySpan<byte> compatible, ulong start, ulong length)
    {
        foreach (DeviceTreeNode node in Platform.FindDevices(compatible))
        {
            for (int i = 0; node.TryGetRange(i, out ulong otherStart, out ulong otherLength); i++)
            {
                if (start < otherStart + otherLength && otherStart < start + length)
                {
                    return true;
                }
            }
        }

        return false;
    }
}
