// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Memory;
using Ostd.Runtime;

namespace Ostd.Traps;

/// <summary>Traps and interrupts that come while kernel code runs. The architecture's stub calls here, with interrupts off, on the interrupted stack.</summary>
// SAFETY: the frame is the stub's, on the interrupted stack, and is used during the call alone.
internal static unsafe class KernelTraps
{
    [RuntimeExport("KernelTrap")]
    [InterruptSafe]
    private static void OnKernelTrap(TrapFrame* frame)
    {
        switch (frame->Kind)
        {
            case TrapKind.DeviceInterrupt:
            case TrapKind.Timer:
            case TrapKind.InterProcessor:
            case TrapKind.Spurious:
                InterruptDispatch.Handle(frame->Kind, frame->InterruptNumber);
                if (Diagnostics.SoftLockup.IsAnyDue)
                {
                    Diagnostics.SoftLockup.ReportIfDue(frame);
                }

                if (frame->InterruptsWereEnabled)
                {
                    Tasks.Scheduler.PreemptAtInterruptExit();
                }

                StackOverflow.OnInterruptExit(frame);

                break;
            case TrapKind.PageFault:
                OnPageFault(frame);
                break;
            case TrapKind.DivideError:
                OnDivideError(frame);
                break;
            case TrapKind.DoubleFault:
                ulong address = TrapFrame.ReadFaultAddress();
                if (!StackOverflow.TryHandle(frame, address))
                {
                    Panic.Halt(KernelSpace.IsGuardPage(address) ? "kernel stack overflow" : "double fault", frame);
                }

                break;
            case TrapKind.NonMaskable:
                if (Panic.IsActive)
                {
                    Panic.StopThisCpu(frame);
                }

                if (Diagnostics.HardLockup.OnNonMaskable(frame))
                {
                    break;
                }

                Panic.Halt("non-maskable interrupt", frame);
                break;
            case TrapKind.MachineCheck:
                Panic.Halt("machine check", frame);
                break;
            case TrapKind.GeneralProtection:
                Panic.Halt("general protection fault in the kernel", frame);
                break;
            case TrapKind.InvalidInstruction:
                Panic.Halt("invalid instruction in the kernel", frame);
                break;
            case TrapKind.Breakpoint:
                Panic.Halt("breakpoint instruction in the kernel", frame);
                break;
            default:
                Panic.Halt("unexpected trap in the kernel", frame);
                break;
        }
    }

    [InterruptSafe]
    private static void OnDivideError(TrapFrame* frame)
    {
        if (DivideInstruction.IsOverflow(frame))
        {
            RaiseException(frame, HardwareFault.IntegerOverflow, "overflow of a division in the kernel");
        }
        else
        {
            RaiseException(frame, HardwareFault.DivideByZero, "division by zero in the kernel");
        }
    }

    [InterruptSafe]
    private static void OnPageFault(TrapFrame* frame)
    {
        ulong address = TrapFrame.ReadFaultAddress();
        if (UserCopy.TryFindFixup(frame->InstructionPointer, out ulong fixup))
        {
            frame->InstructionPointer = fixup;
            return;
        }

        if (address < HardwareFaults.NullLimit)
        {
            RaiseException(frame, HardwareFault.NullReference, "null reference in the kernel");
            return;
        }

        if (Devices.DeviceSpace.Contains(address))
        {
            RaiseException(frame, HardwareFault.RegisterGivenBack, "a device's registers are used that were given back");
            return;
        }

        Panic.Halt(frame->IsFetchFault ? "the kernel jumped to an address that is not executable" : "page fault in the kernel", frame);
    }

    [InterruptSafe]
    private static void RaiseException(TrapFrame* frame, HardwareFault fault, string reason)
    {
        if (!HardwareExceptions.TryRaise(frame, fault))
        {
            Panic.Halt(reason, frame);
        }
    }
}
