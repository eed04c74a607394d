// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;
using Ostd.Sync;

namespace Ostd.Devices.Remapping;

/// <summary>The remapping units, one caller at a time. A unit that does not do what it is told stops the machine: from then on nothing is known of what devices reach. Innermost lock of the IOMMU's.</summary>
internal static class RemappingUnits
{
    private static RawSpinLock s_lock;

    /// <summary>Makes them forget which functions reach a space, and its translations.</summary>
    public static void InvalidateFunctions(ushort domain)
    {
        bool wereEnabled = s_lock.Enter();
        Require(DmaRemapping.TryInvalidateFunctions(domain));
        s_lock.Exit(wereEnabled);
    }

    /// <summary>Makes them forget the translations of a space. When it returns, no access by one of those is under way.</summary>
    public static void InvalidateDomain(ushort domain)
    {
        bool wereEnabled = s_lock.Enter();
        Require(DmaRemapping.TryInvalidateDomain(domain));
        s_lock.Exit(wereEnabled);
    }

    /// <summary>The same for one page.</summary>
    public static void InvalidatePage(ushort domain, ulong address)
    {
        bool wereEnabled = s_lock.Enter();
        Require(DmaRemapping.TryInvalidatePage(domain, address));
        s_lock.Exit(wereEnabled);
    }

    /// <summary>Makes them forget a message line.</summary>
    public static void InvalidateInterrupt(int line)
    {
        bool wereEnabled = s_lock.Enter();
        Require(DmaRemapping.TryInvalidateInterrupt(line));
        s_lock.Exit(wereEnabled);
    }

    /// <summary>Takes a fault out of their records.</summary>
    [InterruptSafe]
    public static bool TryTakeFault(out DmaFault fault)
    {
        bool wereEnabled = s_lock.Enter();
        bool isTaken = DmaRemapping.TryTakeFault(out fault);
        s_lock.Exit(wereEnabled);
        return isTaken;
    }

    /// <summary>Has faults raise a message line.</summary>
    public static void SetFaultLine(int line)
    {
        bool wereEnabled = s_lock.Enter();
        DmaRemapping.SetFaultLine(line);
        s_lock.Exit(wereEnabled);
    }

    /// <summary>Holds interrupts about faults back, or lets them through.</summary>
    [InterruptSafe]
    public static void MaskFaults(bool isMasked)
    {
        bool wereEnabled = s_lock.Enter();
        DmaRemapping.MaskFaults(isMasked);
        s_lock.Exit(wereEnabled);
    }

    /// <summary>Stops the machine unless a unit has done what it was told.</summary>
    public static void Require(bool isDone)
    {
        if (!isDone)
        {
            Boot.Panic.Halt("a DMA remapping unit does not answer");
        }
    }
}
