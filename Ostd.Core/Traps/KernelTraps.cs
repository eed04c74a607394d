// SPDX-License-Identifier: MPL-2.0
using System.Runtime;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Memory;

namespace Ostd.Traps;

/// <summary>Traps and interrupts that come while kernel code runs. The architecture's stub calls here, with interrupts off, on the interrupted stack.</summary>
internal static unsafe class KernelTraps
{
    // A null reference plus the offset of a field. No user mapping can lie there (Paging.UserSpaceStart), so the fault is always a bug of the kernel's.
    private const ulong NullAreaEnd = 0x1_0000;

    [RuntimeExport("KernelTrap")]
    private static void OnKernelTrap(TrapFrame* frame)
    {
        switch (frame->Kind)
        {
            case TrapKind.DeviceInterrupt:
            case TrapKind.Timer:
            case TrapKind.InterProcessor:
            case TrapKind.Spurious:
                InterruptDispatch.Handle(frame->Kind, frame->InterruptNumber);
                if (frame->InterruptsWereEnabled)
                {
                    Tasks.Scheduler.PreemptAtInterruptExit();
                }

                break;
            case TrapKind.PageFault:
                OnPageFault(frame);
                break;
            case TrapKind.DivideError:
                RaiseException(frame, HardwareException.DivideByZero, "division by zero");
                break;
            case TrapKind.DoubleFault:
                Panic.Halt(KernelSpace.IsGuardPage(TrapFrame.ReadFaultAddress()) ? "kernel stack overflow" : "double fault", frame);
                break;
            case TrapKind.NonMaskable:
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

    private static void OnPageFault(TrapFrame* frame)
    {
        ulong address = TrapFrame.ReadFaultAddress();
        if (UserCopy.TryFindFixup(frame->InstructionPointer, out ulong fixup))
        {
            frame->InstructionPointer = fixup;
            return;
        }

        if (address < NullAreaEnd)
        {
            RaiseException(frame, HardwareException.NullReference, "null reference");
            return;
        }

        Panic.Halt(frame->IsFetchFault ? "the kernel jumped to an address that is not executable" : "page fault in the kernel", frame);
    }

    private static void RaiseException(TrapFrame* frame, HardwareException exception, string reason)
    {
        if (ThisCpu.InInterrupt || !HardwareExceptions.TryRaise(frame, exception))
        {
            Panic.Halt(reason, frame);
        }
    }
}
