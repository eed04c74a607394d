// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>The handlers of the interrupt lines.</summary>
internal static class IrqTable
{
    // An entry is written while its line is masked, or by one store of a reference.
    private static IrqLine?[] s_lines = null!;
    private static RawSpinLock s_lock;

    public static void Initialize() => s_lines = new IrqLine?[InterruptController.LineCount];

    /// <summary>Gives the line to one owner.</summary>
    public static bool TryAdd(int number, IrqLine line)
    {
        bool wereEnabled = s_lock.Enter();
        bool isFree = (uint)number < (uint)s_lines.Length && s_lines[number] is null;
        if (isFree)
        {
            s_lines[number] = line;
        }

        s_lock.Exit(wereEnabled);
        return isFree;
    }

    /// <summary>Gives a free message line to an owner.</summary>
    /// <returns>Its number; -1 when none is free.</returns>
    public static int AddMessage(IrqLine line)
    {
        bool wereEnabled = s_lock.Enter();
        int number = InterruptController.FirstMessageLine;
        while (number < s_lines.Length && s_lines[number] is not null)
        {
            number++;
        }

        if (number < s_lines.Length)
        {
            s_lines[number] = line;
        }
        else
        {
            number = -1;
        }

        s_lock.Exit(wereEnabled);
        return number;
    }

    public static void Remove(int number)
    {
        bool wereEnabled = s_lock.Enter();
        InterruptController.Mask(number);
        if (InterruptController.CloseMessage(number))
        {
            // Before the line has another owner, for whom the units would still have the old one's device.
            Iommu.InvalidateInterrupt(number);
        }

        s_lines[number] = null;
        s_lock.Exit(wereEnabled);
    }

    public static void SetMasked(int number, bool isMasked)
    {
        bool wereEnabled = s_lock.Enter();
        if (isMasked)
        {
            InterruptController.Mask(number);
        }
        else
        {
            InterruptController.Unmask(number);
        }

        s_lock.Exit(wereEnabled);
    }

    /// <summary>Runs a line's handler. With interrupts off.</summary>
    [InterruptSafe]
    public static void Dispatch(int number)
    {
        if ((uint)number < (uint)s_lines.Length)
        {
            s_lines[number]?.Invoke();
        }
    }
}
