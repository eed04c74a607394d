// SPDX-License-Identifier: MPL-2.0
using Ostd.Cpus;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Ostd;

/// <summary>The collector on several CPUs.</summary>
public static class MarkingTests
{
    private const int ChainCount = 512;
    private const int ChainLength = 256;
    private const int MostAttempts = 2000;

    private sealed class Link(int number, Link? next)
    {
        public readonly int Number = number;
        public readonly Link? Next = next;
    }

    /// <summary>While the task that allocates sleeps, the other CPUs have nothing to do: they mark, and what they mark stays.</summary>
    [KernelTest]
    public static void IdleCpus_Mark_AndNothingIsLost()
    {
        var chains = new Link?[ChainCount];
        for (int i = 0; i < chains.Length; i++)
        {
            for (int n = 0; n < ChainLength; n++)
            {
                chains[i] = new Link(i + n, chains[i]);
            }
        }

        long helped = ValueOf("helped_steps");
        long cycles = ValueOf("collections");
        int attempts = 0;
        while (attempts < MostAttempts && (ValueOf("collections") < cycles + 2 || (Cpu.Count > 1 && ValueOf("helped_steps") == helped)))
        {
            for (int i = 0; i < 64; i++)
            {
                _ = new byte[4000];
            }

            Task.SleepUntil(Clock.MonotonicNs + 500_000);
            attempts++;
        }

        Check.That(attempts < MostAttempts, "collections were made" + (Cpu.Count > 1 ? ", with the help of idle CPUs" : ""));
        foreach (Link? chain in chains)
        {
            int count = 0;
            for (Link? link = chain; link is not null; link = link.Next)
            {
                count++;
                Check.That(link.Next is null || link.Next.Number == link.Number - 1, "the numbers of a chain");
            }

            Check.Equal(ChainLength, count, "length of a chain");
        }
    }

    private static long ValueOf(string wanted)
    {
        var found = new Box(wanted);
        CollectedHeap.Report(found, static (box, name, value) => box.Value = name == box.Name ? value : box.Value);
        return found.Value;
    }

    private sealed class Box(string name)
    {
        public readonly string Name = name;
        public long Value;
    }
}
