// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Arch;

/// <summary>The interrupt flag of this CPU.</summary>
public static partial class Interrupts
{
    /// <summary>True when this CPU takes interrupts.</summary>
    [InterruptSafe]
    public static bool AreEnabled => (ReadFlags() & InterruptFlag) != 0;

    /// <summary>Turns interrupts off.</summary>
    /// <returns>True when they were on.</returns>
    [InterruptSafe]
    public static bool Disable() => (DisableInterrupts() & InterruptFlag) != 0;

    /// <summary>Turns interrupts on.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchEnableInterrupts")]
    public static extern void Enable();

    /// <summary>Turns interrupts on if <see cref="Disable"/> said that they were.</summary>
    [InterruptSafe]
    public static void Restore(bool wereEnabled)
    {
        if (wereEnabled)
        {
            Enable();
        }
    }

    /// <summary>Called with interrupts off: stops until one comes, without a gap in which one could be missed. Returns with interrupts on.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchWaitForInterrupt")]
    public static extern void EnableAndWait();

    /// <summary>Tells the CPU that this is a spinning loop.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchPause")]
    public static extern void SpinHint();

    /// <summary>Stops this CPU for good.</summary>
    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchHalt")]
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static extern void HaltForever();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchReadFlags")]
    private static extern ulong ReadFlags();

    [MethodImpl(MethodImplOptions.InternalCall)]
    [RuntimeImport("*", "ArchDisableInterrupts")]
    private static extern ulong DisableInterrupts();
}
