// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Terminals;

namespace Kernel.Tty;

/// <summary>The speeds that c_cflag can name (man 3 termios); others go by BOTHER and termios2's own fields.</summary>
internal static class BaudRates
{
    /// <summary>Shift of the input speed in c_cflag (CIBAUD).</summary>
    private const int InputShift = 16;

    private static ReadOnlySpan<uint> Low => [0, 50, 75, 110, 134, 150, 200, 300, 600, 1200, 1800, 2400, 4800, 9600, 19200, 38400];

    private static ReadOnlySpan<uint> High =>
        [0, 57600, 115200, 230400, 460800, 500000, 576000, 921600, 1000000, 1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000];

    /// <summary>The speed in baud; null for BOTHER.</summary>
    public static uint? Decode(ControlModes control)
    {
        var code = control & ControlModes.CBAUD;
        return code == ControlModes.BOTHER ? null
            : (code & ControlModes.BOTHER) != 0 ? High[(int)code & 0xf]
            : Low[(int)code & 0xf];
    }

    /// <summary>The control modes with codes for the two speeds; BOTHER where there is none.</summary>
    public static ControlModes Encode(ControlModes control, uint inputSpeed, uint outputSpeed)
    {
        control &= ~(ControlModes.CBAUD | (ControlModes)((uint)ControlModes.CBAUD << InputShift));
        control |= Code(outputSpeed);
        return inputSpeed == outputSpeed ? control : control | (ControlModes)((uint)Code(inputSpeed) << InputShift);
    }

    /// <summary>The input speed: that of output unless told.</summary>
    public static uint? DecodeInput(ControlModes control)
    {
        var code = (ControlModes)((uint)control >> InputShift) & ControlModes.CBAUD;
        return code == 0 ? Decode(control) : Decode(code);
    }

    private static ControlModes Code(uint speed)
    {
        var low = Low.IndexOf(speed);
        if (low >= 0)
        {
            return (ControlModes)low;
        }

        var high = High.IndexOf(speed);
        return high > 0 ? ControlModes.BOTHER | (ControlModes)high : ControlModes.BOTHER;
    }
}
