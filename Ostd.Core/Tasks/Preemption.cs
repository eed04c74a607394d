// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using Ostd.Arch;

namespace Ostd.Tasks;

/// <summary>The end of a stretch without preemption.</summary>
internal static class Preemption
{
    /// <summary>Takes one <see cref="ThisCpu.DisablePreemption"/> back, and gives way if that was asked for meanwhile.</summary>
    public static void Enable()
    {
        int outcome = ThisCpu.EnablePreemption();
        if (outcome != 0)
        {
            if (outcome < 0)
            {
                Boot.Panic.Halt("preemption is turned on that was not off: a guard is disposed twice, by way of a copy");
            }

            GiveWay();
        }
    }

    /// <summary>Preemption is on again and was asked for. With interrupts off it has to wait for who turns them on.</summary>
    [InterruptSafe]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void GiveWay()
    {
        if (Interrupts.AreEnabled)
        {
            Scheduler.PreemptCurrent();
        }
    }
}
