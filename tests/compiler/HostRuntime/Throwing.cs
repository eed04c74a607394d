// SPDX-License-Identifier: MPL-2.0

using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace Ostd.Runtime;

/// <summary>A throw on its way: what landing pads get and hand back. The compiler's code reads the exception, the first field.</summary>
internal sealed class ThrowRecord(Exception exception)
{
    internal readonly Exception Exception = exception;

    /// <summary>The stack pointer of the frame that will handle it.</summary>
    internal nuint HandlerStack;

    /// <summary>Which of that frame's clauses.</summary>
    internal nint HandlerSelector;
}

/// <summary>
/// Exceptions in two passes, as C# wants them: the first finds the handler by the tables alone and runs nothing but type tests; the second enters the landing pads of all frames up
/// to that one. Without a handler nothing is unwound.
/// </summary>
internal static unsafe class Throwing
{
    [RuntimeExport("AsterionThrow")]
    internal static void Throw(Exception exception, LimitedContext* context)
    {
        var record = new ThrowRecord(exception);
        RegisterDisplay registers = RegisterDisplay.From(context);
        while (true)
        {
            RegisterDisplay caller = registers;
            bool hasCaller = TryStep(ref caller);
            if (LanguageTable.Find(registers.Ip, out LandingPad pad) && pad.Address != 0)
            {
                nint selector = pad.Match(exception, FilterFrames.Find(registers.Sp, caller.Sp));
                if (selector > 0)
                {
                    record.HandlerStack = registers.Sp;
                    record.HandlerSelector = selector;
                    break;
                }
            }

            if (!hasCaller)
            {
                Unhandled(exception);
            }

            registers = caller;
        }

        Unwind(record, context);
    }

    [RuntimeExport("AsterionRethrow")]
    internal static void Rethrow(Exception exception, LimitedContext* context) => Throw(exception, context);

    [RuntimeExport("AsterionResume")]
    internal static void Resume(ThrowRecord record, LimitedContext* context) => Unwind(record, context);

    private static void Unwind(ThrowRecord record, LimitedContext* context)
    {
        RegisterDisplay registers = RegisterDisplay.From(context);
        while (true)
        {
            bool isHandler = registers.Sp == record.HandlerStack;
            if (LanguageTable.Find(registers.Ip, out LandingPad pad) && pad.Address != 0 && (isHandler || pad.HasCleanup))
            {
                FilterFrames.Unwind(registers.Sp);
                registers.Ip = pad.Address;
                LimitedContext target = registers.ToContext();
                Host.Continue(&target, Unsafe.As<ThrowRecord, nint>(ref record), isHandler ? record.HandlerSelector : 0);
            }

            if (isHandler || !TryStep(ref registers))
            {
                RuntimePanic.Fail("unwinding lost the handler");
            }
        }
    }

    // A return address may lie behind the last instruction of its function, so the search is for the byte before.
    private static bool TryStep(ref RegisterDisplay registers)
    {
        if (!ExceptionTables.TryFindFde(registers.Ip - 1, out byte* fde, out nuint start, out _))
        {
            return false;
        }

        MethodInfo method = default;
        method.Fde = fde;
        method.RangeStart = start;
        return FrameUnwinder.TryStep(method, registers.Ip - 1, ref registers);
    }

    private static void Unhandled(Exception exception)
    {
        HostConsole.WriteError("Unhandled exception: ");
        HostConsole.WriteError(exception.Message);
        RuntimePanic.Fail("");
    }
}
