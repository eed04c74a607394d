// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>Handlers that a kernel injects for its last word in a panic: whatever they do, the report is whole, they are called once, and the machine ends.</summary>
internal sealed class PanicHandlerSuite : ITestSuite
{
    private const string Trigger = "/proc/asterion/test/panic-handler";
    private const string Called = "The handler is told of: planted";

    // Name, and what the console has to say after the handler was called; nothing when nothing may follow.
    private static readonly (string Name, string Says)[] s_cases =
    [
        ("returns", ""),
        ("throws", "The panic handler has thrown an exception."),
        ("panics", "Kernel panic: a panic in the panic handler"),
        ("allocates", "Kernel panic: an object was allocated where none may be"),
        ("sleeps", "Kernel panic: sleeping with interrupts off"),
        ("takes-lock", "Kernel panic: a lock is waited for that a CPU held when the panic stopped it"),
        ("powers-off", ""),
    ];

    /// <inheritdoc/>
    public string Name => "panic-handler";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach ((string name, string says) in s_cases)
        {
            if (run.Selects($"{Name}/{name}"))
            {
                RunCase(run, name, says);
            }
        }
    }

    private void RunCase(TestRun run, string name, string says)
    {
        MachineSettings settings = run.Settings with { Image = Path.Combine("tests", "images", "Oops"), Cpus = Math.Max(2, run.Settings.Cpus ?? 1) };
        ProvokedPanic end = ProvokedPanic.Run(settings, $"panic-handler-{name}.log", $"echo {name} >{Trigger}");
        int report = end.Text.IndexOf("Kernel panic: planted", StringComparison.Ordinal);
        int log = report < 0 ? -1 : end.Text.IndexOf("Last lines of the log:", report, StringComparison.Ordinal);
        int called = log < 0 ? -1 : end.Text.IndexOf(Called, log, StringComparison.Ordinal);
        string after = called < 0 ? "" : end.Text[(called + Called.Length)..];
        string? trouble = (name == "powers-off" ? null : end.Trouble)
            ?? (called < 0 ? "the handler is not called after a whole report"
            : after.Contains(Called, StringComparison.Ordinal) ? "the handler is called twice"
            : says.Length == 0 && after.Contains("Kernel panic", StringComparison.Ordinal) ? "a panic follows"
            : !after.Contains(says, StringComparison.Ordinal) ? $"\"{says}\" is not said" : null);
        run.Judge($"{Name}/{name}", trouble, end.Log);
    }
}
