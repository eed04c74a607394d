// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Traps;

namespace Ostd.User;

/// <summary>The way into user mode.</summary>
// SAFETY: the register block is alive while its context is: the current task holds the context for as long as the CPU knows the address.
public static unsafe class UserMode
{
    /// <summary>
    /// Runs the current task in user mode with these registers, in the address space that it activated, until something needs the kernel. Interrupts of devices and the
    /// scheduler's ticks are handled inside.
    /// </summary>
    /// <remarks>
    /// Between the last look at the task's interruption mark and the entry, interrupts are off: a mark set by an interrupt handler is either seen, or the interrupt comes in user mode and
    /// leads back here. A mark set by another CPU is either seen, or that CPU sees, after it set the mark, that the task counts as being in user mode, and interrupts.
    /// </remarks>
    /// <exception cref="System.InvalidOperationException">Another task uses the registers at this moment.</exception>
    public static UserReturnReason Execute(UserContext context, out UserException exception)
    {
        ArgumentNullException.ThrowIfNull(context);
        AtomicMode.MightSleep();
        Task.CheckHoldsNoLock();
        exception = default;
        Task current = Task.Current;
        if (current.StackReserve != StackReserve.Closed)
        {
            StackOverflow.Close(current);
        }

        context.Claim();
        byte* block = context.Block;
        Interrupts.Disable();
        if (current.UserContext != context)
        {
            // The CPU may hold a part of the registers that the task used before. From now on a switch saves those of this context; it also keeps the block alive.
            current.UserContext?.Save();
            current.UserContext = context;
        }

        while (true)
        {
            Scheduler.PreemptAtInterruptExit();
            current.SetInUserMode(true);
            Interlocked.MemoryBarrier();
            if (current.IsInterrupted)
            {
                current.SetInUserMode(false);
                context.Unclaim();
                Interrupts.Enable();
                return UserReturnReason.KernelEvent;
            }

            if (!UserRegisters.IsInstructionPointerLoadable(block))
            {
                // The return to user mode itself would fault, in the kernel. A CPU that jumps there reports this fault to the program.
                current.SetInUserMode(false);
                context.Unclaim();
                Interrupts.Enable();
                exception = new UserException(UserExceptionKind.GeneralProtection, 0, PageFaultAccess.Execute, false, 0, 13);
                return UserReturnReason.Exception;
            }

            TrapKind kind = UserRegisters.Enter(block);
            if (kind <= TrapKind.Spurious)
            {
                InterruptDispatch.Handle(kind, UserRegisters.GetTrap(block).InterruptNumber);
                current.SetInUserMode(false);
                continue;
            }

            current.SetInUserMode(false);
            ulong address = kind == TrapKind.PageFault ? TrapFrame.ReadFaultAddress() : 0;
            context.Unclaim();
            if (kind == TrapKind.Syscall)
            {
                Interrupts.Enable();
                return UserReturnReason.Syscall;
            }

            Interrupts.Enable();
            exception = Describe(kind, in UserRegisters.GetTrap(block), address);
            return UserReturnReason.Exception;
        }
    }

    private static UserException Describe(TrapKind kind, in TrapFrame trap, ulong address)
    {
        UserExceptionKind userKind = kind switch
        {
            TrapKind.PageFault => UserExceptionKind.PageFault,
            TrapKind.DivideError => UserExceptionKind.DivideError,
            TrapKind.InvalidInstruction => UserExceptionKind.InvalidInstruction,
            TrapKind.Breakpoint => UserExceptionKind.Breakpoint,
            TrapKind.SingleStep => UserExceptionKind.SingleStep,
            TrapKind.Alignment => UserExceptionKind.Alignment,
            TrapKind.FloatingPoint => UserExceptionKind.FloatingPoint,
            TrapKind.Overflow => UserExceptionKind.Overflow,
            TrapKind.BoundRange => UserExceptionKind.BoundRange,
            TrapKind.StackFault => UserExceptionKind.StackFault,
            TrapKind.SegmentNotPresent => UserExceptionKind.SegmentNotPresent,
            _ => UserExceptionKind.GeneralProtection,
        };
        if (kind == TrapKind.PageFault && !trap.IsUserFault)
        {
            // No page that could be mapped helps: the program would have the same fault again for ever.
            userKind = UserExceptionKind.GeneralProtection;
        }

        if (userKind != UserExceptionKind.PageFault)
        {
            return new UserException(userKind, 0, PageFaultAccess.Read, false, trap.ErrorCode, (int)trap.Vector);
        }

        PageFaultAccess access = trap.IsFetchFault ? PageFaultAccess.Execute : trap.IsWriteFault ? PageFaultAccess.Write : PageFaultAccess.Read;
        return new UserException(userKind, address, access, trap.IsProtectionFault, trap.ErrorCode, (int)trap.Vector);
    }
}
