// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>CPUs and tasks that are stuck: each is provoked in a machine of its own, with a threshold of a second, and has to be reported with a trace that leads to the culprit, and then to panic.</summary>
internal sealed class LockupSuite : ITestSuite
{
    private const string Settings = "/proc/sys/kernel";
    private const string Bugs = "/proc/asterion/test/panic";

    // Name, CPUs that it needs, what to do, the report, a method of its trace, the reason of the panic.
    private static readonly (string Name, int Cpus, string Script, string Report, string Method, string Reason)[] s_cases =
    [
        ("soft", 1, $"echo 1 >{Settings}/watchdog_thresh; echo 1 >{Settings}/softlockup_panic; echo soft-lockup >{Bugs}", "watchdog: BUG: soft lockup - CPU#", "PanicTrigger__SpinWithoutPreemption", "softlockup: hung tasks"),
        ("hard", 2, $"echo 1 >{Settings}/watchdog_thresh; echo 1 >{Settings}/hardlockup_panic; echo hard-lockup >{Bugs}", "Watchdog detected hard LOCKUP on cpu", "PanicTrigger__SpinWithoutInterrupts", "Hard LOCKUP"),
        ("hung-task", 1, $"echo 1 >{Settings}/hung_task_timeout_secs; echo 1 >{Settings}/hung_task_panic; echo hung-task >{Bugs}", "blocked for more than 1 seconds.", "PanicTrigger__WaitForNothing", "hung_task: blocked tasks"),
    ];

    /// <inheritdoc/>
    public string Name => "lockup";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        MachineSettings settings = run.Settings with { Image = Path.Combine("tests", "images", "Oops"), KernelArguments = [.. run.Settings.KernelArguments, "loglevel=7"] };
        foreach ((string name, int cpus, string script, string report, string method, string reason) in s_cases)
        {
            if (settings.Cpus >= cpus && run.Selects($"{Name}/{name}"))
            {
                RunCase(run, settings, name, script, report, method, reason);
            }
        }
        if (run.Selects($"{Name}/none"))
        {
            RunBusyAndIdle(run, settings);
        }
    }

    private void RunCase(TestRun run, MachineSettings settings, string name, string script, string report, string method, string reason)
    {
        ProvokedPanic end = ProvokedPanic.Run(settings, $"lockup-{name}.log", script);
        int start = end.Text.IndexOf(report, StringComparison.Ordinal);
        int panic = start < 0 ? -1 : end.Text.IndexOf("Kernel panic: " + reason, start, StringComparison.Ordinal);
        string? trouble = end.Trouble
            ?? (panic < 0 ? $"\"{(start < 0 ? report : reason)}\" is not said"
            : !ProvokedPanic.NamesLineOf(end.Text[start..panic], method) ? $"the report does not name {method} with file and line" : null);
        run.Judge($"{Name}/{name}", trouble, end.Log);
    }

    // A program that computes, one for each CPU, and an idle machine, each for three times the threshold of a soft lockup: neither is one.
    private void RunBusyAndIdle(TestRun run, MachineSettings settings)
    {
        const string script = """
            #!/bin/sh
            echo 1 >/proc/sys/kernel/watchdog_thresh
            echo 1 >/proc/sys/kernel/hung_task_timeout_secs
            echo 1 >/proc/sys/kernel/softlockup_panic
            echo 1 >/proc/sys/kernel/hardlockup_panic
            echo 1 >/proc/sys/kernel/hung_task_panic
            for i in 1 2 3 4; do (while :; do :; done) & done
            sleep 6
            kill $(jobs -p)
            sleep 6
            """;
        var steps = new GuestSteps(settings, "lockup-none.log") { StepLimit = TimeSpan.FromMinutes(1) };
        StepOutcome outcome = steps.Run([("none", script + "\n")])["none"];
        string log = Path.Combine(Repository.Logs, settings.MarkLog("lockup-none.log"));
        run.Judge($"{Name}/none", outcome.Status == 0 ? null : outcome.Trouble ?? $"status {outcome.Status}", log);
    }
}
