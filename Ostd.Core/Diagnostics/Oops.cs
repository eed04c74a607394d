// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Logging;
using Ostd.Runtime;
using Ostd.Tasks;
using Ostd.User;

namespace Ostd.Diagnostics;

/// <summary>
/// An exception that nobody expected, in a place where the kernel can go on without the work that threw it: a system call, deferred work. Whoever catches it reports it here and gives that work up.
/// </summary>
/// <remarks>
/// By then the stack is unwound, and its guards have released their locks. Atomic mode that is still on at that point was entered without a guard, and what it protects is half changed: that is a panic.
/// So are an exception in an interrupt handler, which nobody catches, and every oops under <see cref="IsFatal"/>.
/// </remarks>
public static class Oops
{
    /// <summary>Linux's default of <c>/proc/sys/kernel/oops_limit</c>.</summary>
    private const long DefaultLimit = 10_000;

    private static long s_count;
    private static long s_limit = DefaultLimit;
    private static int s_isFatal;

    /// <summary>Oopses since boot.</summary>
    public static long Count => Volatile.Read(ref s_count);

    /// <summary>Whether an oops is a panic (<c>panic_on_oops</c>; man 5 proc).</summary>
    public static bool IsFatal
    {
        get => Volatile.Read(ref s_isFatal) != 0;
        set => Volatile.Write(ref s_isFatal, value ? 1 : 0);
    }

    /// <summary>The number of oopses after which one is a panic; 0 for no limit. Each may leak something, and counters can overflow (Linux, sysctl/kernel, oops_limit).</summary>
    public static long Limit
    {
        get => Volatile.Read(ref s_limit);
        set => Volatile.Write(ref s_limit, value);
    }

    /// <summary>The newest reports, as text.</summary>
    public static byte[] CopyReports() => OopsLog.Copy();

    /// <summary>Reports an exception to the log and to the list of oopses; panics if the kernel cannot go on.</summary>
    /// <param name="exception">What was caught.</param>
    /// <param name="place">What is given up: the system call and the process.</param>
    /// <param name="user">The user's registers at the time, or null.</param>
    public static void Report(Exception exception, string place, UserContext? user)
    {
        ArgumentNullException.ThrowIfNull(exception);
        long number = Interlocked.Increment(ref s_count);
        WriteHeader(exception, place, number);
        WriteTrace(exception);
        WriteRegisters(exception, user);
        if (AtomicMode.IsActive)
        {
            Panic.Halt("an exception left atomic mode on: a lock without a guard is held");
        }

        if (IsFatal)
        {
            Panic.Halt("fatal exception (panic_on_oops)");
        }

        if (Limit != 0 && number >= Limit)
        {
            Panic.Halt("too many oopses (oops_limit)");
        }
    }

    private const int MaxRegisters = 16;

    private static void WriteHeader(Exception exception, string place, long number)
    {
        Span<char> storage = stackalloc char[256];
        var text = new TextBuffer(storage);
        text.Append("Oops ");
        text.AppendDecimal(number);
        text.Append(": ");
        CodeAddress.AppendType(ref text, exception);
        text.Append(" in ");
        text.Append(place);
        text.Append(" on CPU ");
        text.AppendDecimal(ThisCpu.Id);
        WriteLine(text.Text);
        for (Exception? current = exception; current is not null; current = current.InnerException)
        {
            var message = new TextBuffer(storage);
            message.Append("  ");
            CodeAddress.AppendType(ref message, current);
            message.Append(": ");
            message.Append(current.Message);
            WriteLine(message.Text);
        }
    }

    private static void WriteTrace(Exception exception)
    {
        Span<nint> frames = stackalloc nint[ExceptionTrace.MaxFrames];
        int count = ExceptionTrace.GetFrames(exception, frames);
        if (count == 0)
        {
            return;
        }

        WriteLine("Call trace:");
        Span<char> storage = stackalloc char[CodeAddress.LongestLine];
        for (int i = 0; i < count; i++)
        {
            var text = new TextBuffer(storage);
            text.Append("  ");
            int repeated = 0;
            while (i + 1 < count && i > 0 && frames[i + 1] == frames[i])
            {
                repeated++;
                i++;
            }

            CodeAddress.Append(ref text, (ulong)frames[i], isReturnAddress: i != 0);
            if (repeated > 0)
            {
                text.Append(", ");
                text.AppendDecimal(repeated);
                text.Append(" more times");
            }

            WriteLine(text.Text);
        }
    }

    private static void WriteRegisters(Exception exception, UserContext? user)
    {
        Span<ulong> registers = stackalloc ulong[MaxRegisters];
        if (ExceptionTrace.TryGetRegisters(exception, registers) is { } names)
        {
            WriteLine("Registers at the throw:");
            WriteRegisterLines(names, registers);
        }

        if (user is not null)
        {
            WriteLine("Registers of the program:");
            ReadOnlySpan<int> indices = UserRegisters.ReportedRegisters;
            for (int i = 0; i < indices.Length; i++)
            {
                registers[i] = user.GetRegister(indices[i]);
            }

            WriteRegisterLines(UserRegisters.ReportedNames, registers);
        }
    }

    private static void WriteRegisterLines(ReadOnlySpan<string> names, ReadOnlySpan<ulong> values)
    {
        const int perLine = 3;
        Span<char> storage = stackalloc char[100];
        for (int i = 0; i < names.Length; i += perLine)
        {
            var text = new TextBuffer(storage);
            for (int j = i; j < Math.Min(i + perLine, names.Length); j++)
            {
                text.Append("  ");
                text.Append(names[j]);
                text.Append(' ');
                text.AppendHex(values[j]);
            }

            WriteLine(text.Text);
        }
    }

    private static void WriteLine(ReadOnlySpan<char> line)
    {
        Log.Write(LogLevel.Alert, line);
        OopsLog.Write(line);
    }
}
