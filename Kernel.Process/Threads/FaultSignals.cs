// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Signals;
using Ostd.User;

namespace Kernel.Process.Threads;

/// <summary>Which signal, with which si_code and si_addr, a CPU exception becomes (man 2 sigaction; arch/x86's documented traps).</summary>
internal static class FaultSignals
{
    private const int SEGV_MAPERR = 1;
    private const int SEGV_ACCERR = 2;
    private const int BUS_ADRALN = 1;
    private const int BUS_ADRERR = 2;
    private const int FPE_INTDIV = 1;
    private const int FPE_FLTINV = 7;
    private const int ILL_ILLOPN = 2;
    private const int TRAP_TRACE = 2;

    /// <summary>A page fault that could not be resolved.</summary>
    public static SignalInfo Of(FaultResult fault, ulong address) => fault switch
    {
        FaultResult.NotAllowed => new(Signal.SIGSEGV, SEGV_ACCERR, 0, 0, address),
        FaultResult.BusError => new(Signal.SIGBUS, BUS_ADRERR, 0, 0, address),
        _ => new(Signal.SIGSEGV, SEGV_MAPERR, 0, 0, address),
    };

    /// <summary>Any other exception.</summary>
    public static SignalInfo Of(in UserException exception, ulong instructionPointer) => exception.Kind switch
    {
        UserExceptionKind.DivideError => new(Signal.SIGFPE, FPE_INTDIV, 0, 0, instructionPointer),
        UserExceptionKind.FloatingPoint => new(Signal.SIGFPE, FPE_FLTINV, 0, 0, instructionPointer),
        UserExceptionKind.InvalidInstruction => new(Signal.SIGILL, ILL_ILLOPN, 0, 0, instructionPointer),
        UserExceptionKind.Breakpoint => SignalInfo.FromKernel(Signal.SIGTRAP),
        UserExceptionKind.SingleStep => new(Signal.SIGTRAP, TRAP_TRACE, 0, 0, instructionPointer),
        UserExceptionKind.Alignment => new(Signal.SIGBUS, BUS_ADRALN, 0, 0, 0),
        UserExceptionKind.SegmentNotPresent or UserExceptionKind.StackFault => SignalInfo.FromKernel(Signal.SIGBUS),
        _ => SignalInfo.FromKernel(Signal.SIGSEGV),
    };
}
