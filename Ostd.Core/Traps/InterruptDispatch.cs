// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Arch;
using Ostd.Devices;
using Ostd.Tasks;

namespace Ostd.Traps;

/// <summary>From an interrupt to its handler. Interrupts are off and stay off.</summary>
[InterruptSafe]
internal static class InterruptDispatch
{
    /// <summary>Handles one interrupt, whichever mode it interrupted.</summary>
    public static void Handle(TrapKind kind, int number)
    {
        if (kind == TrapKind.Spurious)
        {
            return; // not to be acknowledged (SDM volume 3, section 11.9)
        }

        ThisCpu.InInterrupt = true;
        Diagnostics.HardLockup.CountInterrupt();
        TaskRuntime.ForbidAllocation();
        switch (kind)
        {
            case TrapKind.Timer:
                InterruptController.EndOfInterrupt();
                Time.TimerQueue.OnInterrupt();
                break;
            case TrapKind.DeviceInterrupt:
                IrqTable.Dispatch(number);
                InterruptController.EndOfInterrupt();
                break;
            default:
                InterruptController.EndOfInterrupt();
                Cpus.InterProcessor.OnInterrupt();
                break;
        }

        TaskRuntime.AllowAllocation();
        ThisCpu.InInterrupt = false;
    }
}
