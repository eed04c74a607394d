// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>A throw on its way: what landing pads get and hand back. The compiler's code reads the exception, the first field.</summary>
internal sealed class ThrowRecord
{
    internal Exception? Exception;

    /// <summary>
    /// The end of the frame that will handle it: the stack pointer of its caller. Its own would not tell it from a function that it called and that has no frame, where calls leave return addresses in a register.
    /// </summary>
    internal nuint HandlerFrameEnd;

    /// <summary>Which of that frame's clauses.</summary>
    internal nint HandlerSelector;
}

/// <summary>
/// Exceptions in two passes, as C# wants them: the first finds the handler by the tables alone and runs nothing but type tests and filters; the second enters the landing pads of all
/// frames up to that one. Without a handler nothing is unwound.
/// </summary>
// SAFETY: contexts are the throw stubs' and stand in their frames for the call. Registers of outer frames come from FrameUnwinder, which keeps to the running task's stack; a landing
// pad is entered with the registers that its frame had at the call, as LLVM's tables have it.
internal static unsafe class Throwing
{
    /// <summary>Puts the registers back and goes on at their IP, with the two values where the psABI hands a landing pad its arguments.</summary>
    [RuntimeImport("*", "ArchContinue")]
    [MethodImpl(MethodImplOptions.InternalCall)]
    private static extern void Continue(LimitedContext* context, nint record, nint selector);

    [RuntimeExport("AsterionThrow")]
    internal static void Throw(Exception? exception, LimitedContext* context) =>
        Dispatch(exception ?? HardwareFaults.MakeException(0), context, isRethrow: false, isFault: false);

    [RuntimeExport("AsterionRethrow")]
    internal static void Rethrow(Exception exception, LimitedContext* context) => Dispatch(exception, context, isRethrow: true, isFault: false);

    /// <summary>A fault of the CPU in compiled code: the context's IP is that of the faulting instruction.</summary>
    [RuntimeExport("AsterionThrowHardware")]
    internal static void ThrowHardware(uint code, LimitedContext* context) =>
        Dispatch(HardwareFaults.MakeException(code), context, isRethrow: false, isFault: true);

    [RuntimeExport("AsterionResume")]
    internal static void Resume(ThrowRecord record, LimitedContext* context) => Unwind(record, context, isFault: false);

    private static void Dispatch(Exception exception, LimitedContext* context, bool isRethrow, bool isFault)
    {
        ThrowRecord record = ThrowRecords.New();
        record.Exception = exception;
        RegisterDisplay registers = RegisterDisplay.From(context);
        bool isFirst = !isRethrow;
        bool isAtFault = isFault;
        while (true)
        {
            ExceptionTrace.Append(exception, (nint)registers.Ip, isFirst, context);
            isFirst = false;
            bool hasCaller = Look(registers, isAtFault, out RegisterDisplay caller, out LandingPad pad);
            if (pad.Address != 0)
            {
                nint selector = pad.Match(exception, FilterFrames.Find(registers.Sp, caller.Sp));
                if (selector > 0)
                {
                    record.HandlerFrameEnd = caller.Sp;
                    record.HandlerSelector = selector;
                    break;
                }
            }

            if (!hasCaller)
            {
                RuntimePanic.UnhandledException(exception);
            }

            registers = caller;
            isAtFault = false;
        }

        Unwind(record, context, isFault);
    }

    private static void Unwind(ThrowRecord record, LimitedContext* context, bool isFault)
    {
        RegisterDisplay registers = RegisterDisplay.From(context);
        while (true)
        {
            bool hasCaller = Look(registers, isFault, out RegisterDisplay caller, out LandingPad pad);
            bool isHandler = caller.Sp == record.HandlerFrameEnd;
            if (pad.Address != 0 && (isHandler || pad.HasCleanup))
            {
                FilterFrames.Unwind(registers.Sp);
                registers.Ip = pad.Address;
                LimitedContext target = registers.ToContext();
                Continue(&target, Unsafe.As<ThrowRecord, nint>(ref record), isHandler ? record.HandlerSelector : 0);
            }

            if (isHandler || !hasCaller)
            {
                RuntimePanic.Fail("unwinding lost the handler");
            }

            registers = caller;
            isFault = false;
        }
    }

    // A frame's caller, and where an exception goes on in the frame. A return address may lie behind the last instruction of its function, so the search is for the byte before; a
    // faulting instruction is where it is.
    private static bool Look(in RegisterDisplay registers, bool isFault, out RegisterDisplay caller, out LandingPad pad)
    {
        nuint pc = isFault ? registers.Ip : registers.Ip - 1;
        caller = registers;
        pad = default;
        if (!ExceptionTables.TryFindFde(pc, out byte* fde, out nuint start, out byte* table))
        {
            return false;
        }

        if (table != null)
        {
            pad = LanguageTable.Find(table, start, pc);
        }

        return FrameUnwinder.TryStep(fde, start, pc, ref caller);
    }
}
