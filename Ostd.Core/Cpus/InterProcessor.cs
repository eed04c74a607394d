// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Cpus;

/// <summary>Requests from one CPU to another.</summary>
internal static class InterProcessor
{
    // Written once for each CPU before it takes tasks.
    private static uint[]? s_hardwareIds;

    public static void Initialize()
    {
        s_hardwareIds = new uint[Cpu.MaxCount];
        s_hardwareIds[0] = InterruptController.HardwareId;
    }

    /// <summary>Makes a CPU look at its reschedule flag and at its task's interruption mark. On the CPU itself the flag is enough: it is looked at on the way out of the trap.</summary>
    public static void RequestReschedule(int cpu)
    {
        if (cpu == ThisCpu.Id || s_hardwareIds is null)
        {
            return;
        }

        InterruptController.Send(s_hardwareIds[cpu]);
    }
}
