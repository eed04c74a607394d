// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics.CodeAnalysis;

namespace Ostd.Arch;

/// <summary>The power switch: an exception that a test sees.</summary>
public static class PowerControl
{
    /// <summary>Powers off.</summary>
    [DoesNotReturn]
    public static void Off(int exitCode)
    {
        // The thread goes on to other tests.
        Interrupts.Enable();
        throw new HostedMachineStoppedException(exitCode);
    }

    /// <summary>Resets.</summary>
    [DoesNotReturn]
    public static void Reset() => Off(0);
}
