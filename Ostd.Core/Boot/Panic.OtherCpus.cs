// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Cpus;
using Ostd.Logging;

namespace Ostd.Boot;

/// <content>
/// The other CPUs: all are stopped, by what they cannot mask. With bit 6 of <c>panic_print=</c>, as in Linux, each then tells where it was.
/// </content>
// SAFETY: the frame is the stub's, on the stack of the non-maskable interrupt, which this CPU never leaves again.
public static unsafe partial class Panic
{
    private const int NoCpu = -1;
    private const int WaitRounds = 10_000_000;
    private const string PrintParameter = "panic_print=";
    private const uint PrintAllCpus = 1 << 6;

    private static int s_cpu = NoCpu;
    private static int s_stoppedCpus;
    private static int s_speaker = NoCpu;
    private static bool s_tellsAllCpus;

    /// <summary>Reads the command line.</summary>
    internal static void ApplyParameters(ReadOnlySpan<char> commandLine)
    {
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            if (CommandLineWords.TryGetValue(word, PrintParameter, out ReadOnlySpan<char> value) && TryParse(value, out uint bits))
            {
                s_tellsAllCpus = (bits & PrintAllCpus) != 0;
            }
        }
    }

    /// <summary>Another CPU has panicked, and interrupts this one for good.</summary>
    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    internal static void StopThisCpu(TrapFrame* frame)
    {
        Interlocked.Increment(ref s_stoppedCpus);
        while (s_tellsAllCpus)
        {
            if (Volatile.Read(ref s_speaker) == ThisCpu.Id)
            {
                SerialConsole.Write("\nCPU stopped by the panic:\n");
                PrintContext();
                if (!PrintUnwoundTrace(frame))
                {
                    PrintTrace(frame->StackPointer);
                }

                Volatile.Write(ref s_speaker, NoCpu);
                break;
            }

            Interrupts.SpinHint();
        }

        Interrupts.HaltForever();
    }

    // The first CPU that panics goes on; another one stops here.
    private static void StopOtherCpus()
    {
        int first = Interlocked.CompareExchange(ref s_cpu, ThisCpu.Id, NoCpu);
        if (first != NoCpu && first != ThisCpu.Id)
        {
            Interrupts.HaltForever();
        }

        if (Interlocked.Increment(ref s_depth) != 1)
        {
            return;
        }

        // One that is stuck must not keep the reason from being told.
        InterProcessor.InterruptOthersForPanic();
        for (int i = 0; i < WaitRounds && Volatile.Read(ref s_stoppedCpus) < Cpu.Count - 1; i++)
        {
            Interrupts.SpinHint();
        }
    }

    private static void LetOtherCpusTell()
    {
        for (int cpu = 0; s_tellsAllCpus && cpu < Cpu.Count; cpu++)
        {
            if (cpu == ThisCpu.Id)
            {
                continue;
            }

            Volatile.Write(ref s_speaker, cpu);
            for (int i = 0; i < WaitRounds && Volatile.Read(ref s_speaker) == cpu; i++)
            {
                Interrupts.SpinHint();
            }
        }
    }

    private static bool TryParse(ReadOnlySpan<char> text, out uint value) =>
        text.StartsWith("0x", StringComparison.Ordinal)
            ? uint.TryParse(text[2..], System.Globalization.NumberStyles.AllowHexSpecifier, System.Globalization.CultureInfo.InvariantCulture, out value)
            : uint.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out value);
}
