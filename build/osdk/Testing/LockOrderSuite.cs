// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>
/// The order of locks, which debug kernels check: planted violations have to be reported with the traces of both sides, and the kernel's own tests and a load that touches all subsystems, on four CPUs,
/// may not lead to a single report.
/// </summary>
internal sealed partial class LockOrderSuite : ITestSuite
{
    // Those that do the most with locks, and between them reach every subsystem, in little time.
    private static readonly string[] s_programs =
        ["credentials", "directories", "files", "event_races", "memory", "pipes", "polling", "processes", "procfs", "pseudoterminals", "signals", "sockets", "terminals", "timers"];

    // Name, the report, methods that its traces have to name.
    private static readonly (string Name, string Report, string[] Methods)[] s_violations =
    [
        ("inversion", "possible circular locking dependency", ["TakeOuterInInner", "TakeInnerInOuter"]),
        ("circle", "possible circular locking dependency", ["TakeOuterInInner", "TakeMiddleInOuter", "TakeInnerInMiddle"]),
        ("interrupt", "possible interrupt lock inversion", ["TakeSpinInHandler", "TakeSpinOutside"]),
        ("below-interrupt", "possible interrupt lock inversion", ["TakeSpinInHandler", "TakeBelowOutside"]),
        ("recursion", "possible recursive locking: the task holds it already", ["ReadTwice"]),
        ("same-class", "possible recursive locking: another lock of its class is held", ["TakeTwoOfOneClass"]),
        ("kept", "lock still held by a task that ends or enters user mode", ["ThreadRunner__"]),
    ];

    /// <inheritdoc/>
    public string Name => "lockdep";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        MachineSettings settings = run.Settings with { Configuration = "Debug", KernelArguments = [.. run.Settings.KernelArguments, "loglevel=7"] };
        MachineSettings violations = settings with { Image = Path.Combine("tests", "images", "Oops") };
        foreach ((string name, string report, string[] methods) in s_violations)
        {
            if (run.Selects($"{Name}/{name}"))
            {
                RunViolation(run, violations, name, report, methods);
            }
        }
        if (run.Selects($"{Name}/trylock"))
        {
            RunSilent(run, violations, "trylock", [("trylock", "#!/bin/sh\necho trylock >/proc/asterion/test/lockdep\n")], null);
        }
        if (run.Selects($"{Name}/kernel"))
        {
            RunKernelTests(run, settings with { Cpus = 4, Image = "tests/Kernel.Image.Tests" });
        }
        if (run.Selects($"{Name}/load"))
        {
            Dictionary<string, string> binaries = GuestSuite.Compile(s_programs);
            RunSilent(run, settings with { Cpus = 4 }, "load", [.. s_programs.Select(program => (program, $"#!/bin/sh\ncd /tmp && exec /osdk/guest/{program}\n"))], binaries);
        }
    }

    private void RunViolation(TestRun run, MachineSettings settings, string name, string report, string[] methods)
    {
        settings = settings with { KernelArguments = [.. settings.KernelArguments, "lockdep.panic"] };
        ProvokedPanic end = ProvokedPanic.Run(settings, $"lockdep-{name}.log", $"echo {name} >/proc/asterion/test/lockdep");
        int start = end.Text.IndexOf("lockdep: " + report, StringComparison.Ordinal);
        string? missing = start < 0 ? report : Array.Find(methods, method => !ProvokedPanic.NamesLineOf(end.Text[start..], method));
        run.Judge($"{Name}/{name}", end.Trouble ?? (missing is not null ? $"\"{missing}\" is not said" : null), end.Log);
    }

    // Everything has to end well, and the counter in the guest has to be 0 after it.
    private void RunSilent(TestRun run, MachineSettings settings, string name, IReadOnlyList<(string Name, string Script)> load, Dictionary<string, string>? binaries)
    {
        const string statistics = "statistics";
        var steps = new GuestSteps(settings, $"lockdep-{name}.log")
        {
            StepLimit = TimeSpan.FromMinutes(2),
            AddFiles = cpio =>
            {
                cpio.AddDirectory("osdk/guest");
                foreach ((string program, string binary) in binaries ?? [])
                {
                    cpio.AddFile("osdk/guest/" + program, File.ReadAllBytes(binary), 0b111_101_101);
                }
            },
        };
        Dictionary<string, StepOutcome> outcomes = steps.Run([.. load, (statistics, "#!/bin/sh\ncat /proc/lockdep_stats\n")]);
        string log = Path.Combine(Repository.Logs, settings.MarkLog($"lockdep-{name}.log"));
        string? failed = load.Select(step => step.Name).FirstOrDefault(step => outcomes[step].Status != 0);
        string text = outcomes[statistics].Text;
        Match reports = ReportsLine().Match(text);
        string? trouble = failed is not null ? $"{failed}: {outcomes[failed].Trouble ?? $"status {outcomes[failed].Status}"}"
            : !reports.Success ? "the kernel does not count reports"
            : reports.Groups[1].Value != "0" ? $"{reports.Groups[1].Value} reports"
            : !text.Contains("debug_locks:                   1", StringComparison.Ordinal) ? "the tables are full: checking was not complete"
            : null;
        run.Judge($"{Name}/{name}", trouble, log);
    }

    private void RunKernelTests(TestRun run, MachineSettings settings)
    {
        settings = settings with
        {
            KernelArguments = [.. settings.KernelArguments, "kernel.test", "lockdep.panic"],
            QemuArguments = [.. settings.QemuArguments, .. KernelSuite.TestDevices],
            TimeoutSeconds = 300,
        };
        MachineEnd end = new GuestMachine(settings).RunObserved(GuestMachine.NewToken(), new Silence(), "lockdep-kernel.log");
        string text = File.ReadAllText(end.Log);
        int passed = PassedLine().Count(text);
        if (end.HasTimedOut || end.QemuStatus != 0 || passed == 0)
        {
            run.Fail($"{Name}/kernel", end.HasTimedOut ? "not done after 300 s" : $"QEMU left with {end.QemuStatus} after {passed} tests", end.Log);
        }
        else
        {
            run.Pass($"{Name}/kernel");
        }
    }

    // The tests' results are the kernel suite's matter; the log is read at the end.
    private sealed class Silence : IGuestObserver
    {
        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
        }

        public void OnBegin(string step)
        {
        }

        public void OnEnd(string step, int status)
        {
        }

        public void OnMissing(string program)
        {
        }
    }

    [GeneratedRegex(@"^ reports: +(\d+)", RegexOptions.Multiline)]
    private static partial Regex ReportsLine();

    [GeneratedRegex(@"\btest \S+: ok")]
    private static partial Regex PassedLine();
}
