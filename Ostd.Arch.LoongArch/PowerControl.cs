// SPDX-License-Identifier: MPL-2.0
using System;
using System.Globalization;

namespace Ostd.Arch;

/// <summary>Power-off and reset by the ACPI generic event device of QEMU's virt machine (hw/acpi/generic_event_device).</summary>
public static class PowerControl
{
    private const ulong SleepControl = 0x100e_001c;
    private const ulong ResetRegister = 0x100e_001e;
    private const byte SleepEnable = 1 << 5;
    private const byte SoftOff = 5 << 2;
    private const byte ResetValue = 0x42;

    /// <summary>
    /// Ends the machine. It has no device that would give QEMU's process a status: a code other than 0 is written to the serial line before, <c>power off: code N</c> on a line of its own, for who runs the machine.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Off(int exitCode)
    {
        if (exitCode != 0)
        {
            Span<char> digits = stackalloc char[16];
            exitCode.TryFormat(digits, out int count, provider: CultureInfo.InvariantCulture);
            SerialConsole.Write("\npower off: code ");
            SerialConsole.Write(digits[..count]);
            SerialConsole.Write("\n");
        }

        DeviceRegisters.WriteByte(SleepControl, SleepEnable | SoftOff);
        Interrupts.HaltForever();
    }

    /// <summary>Resets the machine.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Reset()
    {
        DeviceRegisters.WriteByte(ResetRegister, ResetValue);
        Interrupts.HaltForever();
    }
}
