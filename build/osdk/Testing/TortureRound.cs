// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>One boot under torture: in the kernel (<c>tests/Ostd.Torture</c>) or from user space (<c>tests/torture</c>), with a seed that determines everything but the timing.</summary>
/// <param name="Seed">What the dice begin with; the collector's stress and the checks follow from it.</param>
/// <param name="Seconds">How long the load runs, on the guest's clock.</param>
/// <param name="IsGuestLoad">From user space.</param>
internal sealed record TortureRound(int Seed, int Seconds, bool IsGuestLoad)
{
    private const int Workers = 8;
    private const string KernelTests = "tests/Kernel.Image.Tests";

    /// <summary>Collecting at every Nth allocation, or 0 for as often as needed. Numbers without common divisors, so that different allocations are hit each time.</summary>
    private static readonly int[] s_stress = [0, 97, 1009, 331, 0, 53, 4001];

    /// <summary>For reports.</summary>
    public string Description => $"{(IsGuestLoad ? "guest" : "kernel")}, seed {Seed}{string.Concat(Words.Select(word => ", " + word))}";

    private IEnumerable<string> Words
    {
        get
        {
            int stress = s_stress[Seed % s_stress.Length];
            if (stress != 0)
            {
                // A process makes some thousand objects: from user space, more of them between two collections leave time for the load itself.
                yield return string.Create(CultureInfo.InvariantCulture, $"gc.stress={(IsGuestLoad ? stress * 20 : stress)}");
            }
            if (Seed % 2 == 1)
            {
                yield return "gc.verify";
            }
        }
    }

    /// <summary>Runs it.</summary>
    /// <returns>What went wrong, with the log, or null.</returns>
    public (string Trouble, string Log)? Run(MachineSettings settings, string logName)
    {
        settings = settings with { KernelArguments = [.. settings.KernelArguments, .. Words] };
        return IsGuestLoad ? RunInGuest(settings, logName) : RunInKernel(settings, logName);
    }

    private (string Trouble, string Log)? RunInKernel(MachineSettings settings, string logName)
    {
        settings = settings with
        {
            Image = KernelTests,
            Initramfs = "", // no program runs
            KernelArguments = [.. settings.KernelArguments, "kernel.test=Torture", "loglevel=7", $"torture.seed={Seed}", $"torture.seconds={Seconds}"],
            TimeoutSeconds = 180 + Seconds * 4,
        };
        var results = new TortureLog();
        MachineEnd end = new GuestMachine(settings).RunObserved(GuestMachine.NewToken(), results, logName);
        if (end.HasTimedOut)
        {
            return ("no end within the time limit", end.Log);
        }
        if (end.Signal != 0)
        {
            throw new OsdkException("interrupted", end.Log, ExitCodes.Interrupted + end.Signal);
        }
        return end.QemuStatus == 0 && results.HasPassed ? null : (results.Trouble ?? $"QEMU left with {end.QemuStatus}", end.Log);
    }

    private (string Trouble, string Log)? RunInGuest(MachineSettings settings, string logName)
    {
        string binary = !settings.HasShell
            ? FreePrograms.Compile("torture-load", settings.Arch!, [Repository.File("tests", "torture", "free_load.c"), Repository.File("tests", "torture", "dice.h"), .. FreeSuite.TestSources, .. FreeSuite.Harness])
            : GuestSuite.CompileFile(Repository.File("tests", "torture", "load.c"), "torture-load", isTest: false, settings.Arch!);
        var steps = new GuestSteps(settings, logName)
        {
            StepLimit = TimeSpan.FromSeconds(180 + Seconds * 4),
            AddFiles = cpio => cpio.AddFile("osdk/load", File.ReadAllBytes(binary), 0b111_101_101),
        };
        string[] command = ["/osdk/load", .. new[] { Seed, Seconds, Workers }.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        StepOutcome outcome = steps.Run([("load", GuestCommand.Step(settings, "/tmp", command))])["load"];
        string log = Path.Combine(Repository.Logs, Path.ChangeExtension(logName, ".out"));
        File.WriteAllBytes(log, outcome.Output);
        return outcome.Status == 0 ? null : (outcome.Trouble ?? $"status {outcome.Status}: {outcome.Text.Trim().Split('\n')[^1]}", log);
    }
}
