// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Cpus;

namespace Ostd.Boot;

/// <summary>The words of the command line that limit the number of CPUs, with Linux's meaning: <c>maxcpus=N</c>, <c>nr_cpus=N</c>, <c>nosmp</c>. Read here, because CPUs start before there are components.</summary>
internal static class CpuParameters
{
    private const string MaxCpus = "maxcpus=";
    private const string CpuCount = "nr_cpus=";

    /// <summary>How many CPUs may run, the one that booted included; at least one.</summary>
    public static int Limit(ReadOnlySpan<char> commandLine)
    {
        int limit = Cpu.MaxCount;
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            if (word is "nosmp")
            {
                limit = 1;
            }
            else if (TryParse(word, MaxCpus, out int count) || TryParse(word, CpuCount, out count))
            {
                limit = Math.Min(limit, Math.Max(1, count)); // Linux: maxcpus=0 is nosmp
            }
        }

        return limit;
    }

    private static bool TryParse(ReadOnlySpan<char> word, string prefix, out int count)
    {
        count = 0;
        return CommandLineWords.TryGetValue(word, prefix, out ReadOnlySpan<char> value) && int.TryParse(value, out count) && count >= 0;
    }
}
