// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch.Acpi;

namespace Ostd.Arch;

/// <summary>Power-off and reset as QEMU's machines offer them.</summary>
public static class PowerControl
{
    private const ushort DebugExit = 0xf4;
    private const ushort SleepControlQ35 = 0x604;
    private const ushort SleepControlPc = 0xb004;
    private const ushort SleepEnable = 0x2000;
    private const ushort ResetControl = 0xcf9;

    private static bool s_hasNoPowerOff;

    /// <summary>Looks whether the machine can be powered off: without ACPI's fixed description table (ACPI specification 6.4, section 5.2.9) it cannot. On the CPU that booted, before memory is handed out.</summary>
    internal static unsafe void Initialize()
    {
        const ulong readableLength = 4ul << 30;

        // SAFETY: the linear map covers the first 4 GiB.
        var memory = new AcpiMemory(PhysicalMap.ToPointer(0), readableLength);
        s_hasNoPowerOff = !AcpiTables.TryFind(memory, BootParameters.AcpiRootPointer, "FACP"u8, out _);
    }

    /// <summary>
    /// Ends the machine. A code other than 0 goes to QEMU's isa-debug-exit device, which ends the process with status <c>code * 2 + 1</c>; without the device, and with code 0,
    /// the machine is powered off by ACPI's sleep state 5 (PM1a_CNT of QEMU's pc and q35 machines) and the process ends with 0.
    /// A machine that cannot be powered off (QEMU's microvm) is reset, which ends a QEMU that was told not to reboot.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Off(int exitCode)
    {
        if (exitCode != 0)
        {
            PortIo.WriteUInt32(DebugExit, (uint)exitCode);
        }

        PortIo.WriteUInt16(SleepControlPc, SleepEnable);
        PortIo.WriteUInt16(SleepControlQ35, SleepEnable);
        if (s_hasNoPowerOff)
        {
            Reset();
        }

        Interrupts.HaltForever();
    }

    /// <summary>Resets the machine.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Reset()
    {
        PortIo.WriteByte((ushort)ResetControl, 0x02);
        PortIo.WriteByte((ushort)ResetControl, 0x06); // PCI reset control: hard reset
        PortIo.WriteByte(0x64, 0xfe); // keyboard controller: pulse the reset line
        DescriptorTables.TripleFault();
        Interrupts.HaltForever();
    }
}
