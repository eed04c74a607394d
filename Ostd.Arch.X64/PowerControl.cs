// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Power-off and reset as QEMU's machines offer them.</summary>
public static class PowerControl
{
    private const ushort DebugExit = 0xf4;
    private const ushort SleepControlQ35 = 0x604;
    private const ushort SleepControlPc = 0xb004;
    private const ushort SleepEnable = 0x2000;
    private const ushort ResetControl = 0xcf9;

    /// <summary>
    /// Ends the machine. A code other than 0 goes to QEMU's isa-debug-exit device, which ends the process with status <c>code * 2 + 1</c>; without the device, and with code 0,
    /// the machine is powered off by ACPI's sleep state 5 (PM1a_CNT of QEMU's pc and q35 machines) and the process ends with 0.
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
        Interrupts.HaltForever();
    }

    /// <summary>Resets the machine.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Reset()
    {
        PortIo.WriteByte((ushort)ResetControl, 0x02);
        PortIo.WriteByte((ushort)ResetControl, 0x06); // PCI reset control: hard reset
        PortIo.WriteByte(0x64, 0xfe); // keyboard controller: pulse the reset line
        Interrupts.HaltForever();
    }
}
