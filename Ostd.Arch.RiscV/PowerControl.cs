// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch.Firmware;

namespace Ostd.Arch;

/// <summary>Power-off and reset by the firmware, and by QEMU's test device.</summary>
public static class PowerControl
{
    // QEMU, hw/misc/sifive_test: the process ends with the upper half as its status.
    private const uint Fail = 0x3333;
    private const int StatusShift = 16;

    /// <summary>
    /// Ends the machine. A code other than 0 goes to QEMU's test device, which ends the process with status <c>code * 2 + 1</c>, as isa-debug-exit does on x86-64; without the device, and with code 0, the
    /// firmware powers the machine off.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Off(int exitCode)
    {
        if (exitCode != 0 && Platform.TestDevice != 0)
        {
            DeviceRegisters.WriteUInt32(Platform.TestDevice, Fail | (uint)((exitCode * 2) + 1) << StatusShift);
        }

        Sbi.Reset(isPowerOff: true);
        Interrupts.HaltForever();
    }

    /// <summary>Resets the machine.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Reset()
    {
        Sbi.Reset(isPowerOff: false);
        Interrupts.HaltForever();
    }
}
