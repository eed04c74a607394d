// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using System.Threading;

namespace Ostd.Arch;

/// <summary>The interrupt flag of a hosted CPU: each host thread has one.</summary>
public static class Interrupts
{
    [ThreadStatic]
    private static bool t_areDisabled;

    /// <summary>True when this CPU takes interrupts.</summary>
    public static bool AreEnabled => !t_areDisabled;

    /// <summary>Turns interrupts off.</summary>
    /// <returns>True when they were on.</returns>
    public static bool Disable()
    {
        bool wereEnabled = !t_areDisabled;
        t_areDisabled = true;
        AtomicSections.OnChange();
        return wereEnabled;
    }

    /// <summary>Turns interrupts on.</summary>
    public static void Enable()
    {
        t_areDisabled = false;
        AtomicSections.OnChange();
    }

    /// <summary>Turns interrupts on if <see cref="Disable"/> said that they were.</summary>
    public static void Restore(bool wereEnabled)
    {
        if (wereEnabled)
        {
            Enable();
        }
    }

    /// <summary>Turns interrupts on and waits for one: none ever come to a host thread.</summary>
    public static void EnableAndWait()
    {
        Enable();
        Thread.Sleep(Timeout.Infinite);
    }

    /// <summary>Stops this CPU for good.</summary>
    [DoesNotReturn]
    public static void HaltForever() => throw new HostedMachineStoppedException(0);

    /// <summary>Tells the CPU that this is a spinning loop.</summary>
    public static void SpinHint() => Thread.SpinWait(1);
}
