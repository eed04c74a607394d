// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Diagnostics;
using Ostd.Logging;
using Ostd.Runtime;

namespace Ostd.Boot;

/// <summary>The end of the road: a broken invariant.</summary>
public static unsafe partial class Panic
{
    /// <summary>What the panic writes to QEMU's isa-debug-exit: the process ends with status 0xa1 (161).</summary>
    public const int ExitCode = 0x50;

    private const int MaxTraceEntries = 32;
    private const int MaxTraceBytes = 16 * 1024;
    private const int RecentLogBytes = 1024;

    private static int s_depth;

    /// <summary>True once a panic has begun: other code keeps quiet.</summary>
    [InterruptSafe]
    internal static bool IsActive => Volatile.Read(ref s_depth) != 0;

    /// <summary>
    /// Prints the reason with a backtrace, calls the injected handler (<see cref="Install"/>), and ends QEMU with a status that says so; without isa-debug-exit the machine is powered off or the CPU stops. In any context.
    /// </summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    public static void Halt(string reason) => Halt(reason, null);

    /// <summary>The same, with the registers of the trap that found the breakage.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal static void Halt(string reason, TrapFrame* frame)
    {
        Interrupts.Disable();
        StopOtherCpus();
        if (s_depth > 2)
        {
            PowerControl.Off(ExitCode); // a panic while a panic's panic is printed: give up
        }

        SerialConsole.Write("\nKernel panic: ");
        SerialConsole.Write(reason);
        SerialConsole.Write("\n");
        PrintContext();
        ulong stackPointer;
        if (frame != null)
        {
            PrintRegisters(frame);
            stackPointer = frame->StackPointer;
        }
        else
        {
            ulong marker = 0;
            stackPointer = (ulong)&marker;
        }

        if (!PrintUnwoundTrace(frame))
        {
            PrintTrace(stackPointer);
        }

        LetOtherCpusTell();
        PrintRecentLog();
        CallHandler(reason);
        PowerControl.Off(ExitCode);
    }

    // By the unwind tables, from the trap's registers or from here. A stack that they don't lead through is searched instead.
    private static bool PrintUnwoundTrace(TrapFrame* frame)
    {
        const int fewestFrames = 3;
        nint* addresses = stackalloc nint[MaxTraceEntries];
        int count = frame != null
            ? StackWalker.CaptureFromRegisters((nuint)frame->InstructionPointer, (nuint)frame->StackPointer, (nuint)frame->FramePointer, (nuint)frame->LinkRegister, addresses, MaxTraceEntries)
            : StackWalker.Capture(addresses, MaxTraceEntries, 0);
        count = Math.Min(Math.Abs(count), MaxTraceEntries);
        if (count < fewestFrames)
        {
            return false;
        }

        SerialConsole.Write("Call trace:\n");
        for (int i = 0; i < count; i++)
        {
            bool isTrapSite = i == 0 && frame != null;
            PrintAddress((ulong)addresses[i], isReturnAddress: !isTrapSite);
        }

        return true;
    }

    private static void PrintAddress(ulong address, bool isReturnAddress)
    {
        Span<char> storage = stackalloc char[CodeAddress.LongestLine];
        var text = new TextBuffer(storage);
        text.Append("  ");
        CodeAddress.Append(ref text, address, isReturnAddress);
        text.Append('\n');
        SerialConsole.Write(text.Text);
    }

    // What the console's level kept back. A panic inside of the log itself goes without.
    private static void PrintRecentLog()
    {
        Span<byte> recent = stackalloc byte[RecentLogBytes];
        if (!Log.TryCopyRecent(recent, out int count))
        {
            return;
        }

        ReadOnlySpan<byte> lines = recent[..count];
        lines = count < RecentLogBytes ? lines : lines[(lines.IndexOf((byte)'\n') + 1)..];
        SerialConsole.Write("Last lines of the log:\n");
        Span<char> character = stackalloc char[1];
        foreach (byte value in lines)
        {
            character[0] = (char)value;
            SerialConsole.Write(character);
        }
    }

    private static void PrintContext()
    {
        Span<char> storage = stackalloc char[100];
        var text = new TextBuffer(storage);
        text.Append("CPU ");
        text.AppendDecimal(ThisCpu.Id);
        text.Append(", task ");
        text.Append(ThisCpu.CurrentTask is Tasks.Task task ? task.Name : "none");
        text.Append(", preemption count ");
        text.AppendDecimal(ThisCpu.PreemptCount);
        text.Append(ThisCpu.InInterrupt ? ", in an interrupt handler\n" : "\n");
        SerialConsole.Write(text.Text);
    }

    private static void PrintRegisters(TrapFrame* frame)
    {
        Span<char> storage = stackalloc char[100];
        for (int i = 0; i < TrapFrame.DumpCount; i += 3)
        {
            var text = new TextBuffer(storage);
            for (int j = i; j < i + 3 && j < TrapFrame.DumpCount; j++)
            {
                string name = frame->DumpRegister(j, out ulong value);
                text.Append(name);
                text.Append(' ');
                text.AppendHex(value);
                text.Append("  ");
            }

            text.Append('\n');
            SerialConsole.Write(text.Text);
        }
    }

    // Without frame pointers the stack is searched for addresses in compiled code. Stale ones may be among them.
    private static void PrintTrace(ulong stackPointer)
    {
        if (stackPointer < PhysicalMap.Base)
        {
            return; // a user's or a wild stack pointer
        }

        SerialConsole.Write("Addresses of code on the stack:\n");
        ulong codeStart = KernelImage.ManagedCodeStart;
        ulong codeEnd = KernelImage.ManagedCodeEnd;
        ulong* word = (ulong*)((stackPointer + 7) & ~7ul);
        ulong* end = EndOfStack(word);
        int count = 0;

        // SAFETY: the words lie between the stack pointer and the end of the stack that holds it, or the end of a page.
        for (; word < end && count < MaxTraceEntries; word++)
        {
            if (*word >= codeStart && *word < codeEnd)
            {
                PrintAddress(*word, isReturnAddress: true);
                count++;
            }
        }
    }

    private static ulong* EndOfStack(ulong* from)
    {
        ulong limit = (ulong)from + MaxTraceBytes;
        if (ThisCpu.CurrentTask is Tasks.Task task && task.ContainsStackAddress((ulong)from))
        {
            limit = Math.Min(limit, task.StackEnd);
        }
        else
        {
            limit = Math.Min(limit, ((ulong)from | (uint)(Memory.Paging.PageSizeBytes - 1)) + 1);
        }

        return (ulong*)limit;
    }
}
