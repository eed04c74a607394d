// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Tasks;

/// <summary>The end of a stretch without preemption.</summary>
internal static class Preemption
{
    /// <summary>Takes one <see cref="ThisCpu.DisablePreemption"/> back, and gives way if that was asked for meanwhile.</summary>
    public static void Enable()
    {
        if (ThisCpu.EnablePreemption() && Interrupts.AreEnabled)
        {
            Scheduler.PreemptCurrent();
        }
    }
}
