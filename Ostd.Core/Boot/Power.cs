// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Boot;

/// <summary>Ends the machine.</summary>
public static class Power
{
    /// <summary>Powers off. In QEMU the process ends with status 0, or, where isa-debug-exit is there and <paramref name="exitCode"/> is not 0, with status <c>exitCode * 2 + 1</c>.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Off(int exitCode = 0)
    {
        Interrupts.Disable();
        PowerControl.Off(exitCode);
    }

    /// <summary>Resets.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Reset()
    {
        Interrupts.Disable();
        PowerControl.Reset();
    }

    /// <summary>Stops for good without powering off.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Halt()
    {
        Interrupts.Disable();
        Interrupts.HaltForever();
    }
}
