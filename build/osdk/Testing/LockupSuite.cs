// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>CPUs and tasks that are stuck: each is provoked in a machine of its own, with a threshold of a second, and has to be reported with a trace that leads to the culprit, and then to panic.</summary>
internal sealed class LockupSuite : ITestSuite
{
    private const int PanicStatus = 161;
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
        string logName = $"lockup-{name}.log";
        var steps = new GuestSteps(settings, logName) { StepLimit = TimeSpan.FromMinutes(1) };
        StepOutcome outcome = steps.Run([(name, $"#!/bin/sh\n{script}\n")])[name];
        string log = Path.Combine(Repository.Logs, settings.MarkLog(logName));
        string text = File.ReadAllText(log);
        int start = text.IndexOf(report, StringComparison.Ordinal);
        int panic = start < 0 ? -1 : text.IndexOf("Kernel panic: " + reason, start, StringComparison.Ordinal);
        if (outcome.Trouble?.Contains($"QEMU status {PanicStatus}", StringComparison.Ordinal) != true)
        {
            run.Fail($"{Name}/{name}", outcome.Trouble ?? $"the machine lives; status {outcome.Status}", log);
        }
        else if (panic < 0)
        {
            run.Fail($"{Name}/{name}", $"\"{(start < 0 ? report : reason)}\" is not said", log);
        }
        else if (!Regex.IsMatch(text[start..panic], Regex.Escape(method) + @"\S*\+0x[0-9a-f]+ \(\S+\.cs:\d+\)"))
        {
            run.Fail($"{Name}/{name}", $"the report does not name {method} with file and line", log);
        }
        else
        {
            run.Pass($"{Name}/{name}");
        }
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
        if (outcome.Status == 0)
        {
            run.Pass($"{Name}/none");
        }
        else
        {
            run.Fail($"{Name}/none", outcome.Trouble ?? $"status {outcome.Status}", log);
        }
    }
}
