// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>What one step did.</summary>
/// <param name="Status">Its exit status; null when it didn't end.</param>
/// <param name="Output">What it wrote.</param>
/// <param name="Trouble">Why it didn't end, or null.</param>
/// <param name="Duration">How long it took.</param>
internal sealed record StepOutcome(int? Status, byte[] Output, string? Trouble, TimeSpan Duration)
{
    /// <summary>The output as text.</summary>
    public string Text => Encoding.UTF8.GetString(Output);
}

/// <summary>
/// Runs programs in one guest, one after the other. When the kernel dies or a step hangs, that step has failed and the rest go on in a new
/// machine, so that one bad test doesn't hide the others.
/// </summary>
internal sealed class GuestSteps(MachineSettings settings, string logName)
{
    private readonly MachineSettings _settings = settings;
    private readonly string _logName = logName;
    private readonly string _timings = Path.Combine(Repository.Logs, settings.MarkLog(Path.ChangeExtension(logName, ".times")));

    /// <summary>Adds files that the steps need.</summary>
    public Action<CpioWriter>? AddFiles { get; init; }

    /// <summary>How long one step may take before the machine counts as hung.</summary>
    public TimeSpan StepLimit { get; init; } = TimeSpan.FromSeconds(180);

    /// <summary>Called after each step, for progress.</summary>
    public Action<string, StepOutcome>? Finished { get; init; }

    /// <summary>Runs the steps.</summary>
    /// <param name="steps">Name and shell script of each; they run in the order of this list.</param>
    public Dictionary<string, StepOutcome> Run(IReadOnlyList<(string Name, string Script)> steps)
    {
        var outcomes = new Dictionary<string, StepOutcome>();
        var machine = new GuestMachine(_settings with { TimeoutSeconds = null });
        string baseArchive = machine.Initramfs;
        File.WriteAllText(_timings, "");
        for (int boot = 1; outcomes.Count < steps.Count; boot++)
        {
            (string Name, string Script)[] remaining = [.. steps.Where(step => !outcomes.ContainsKey(step.Name))];
            string archive = Path.GetFileNameWithoutExtension(_settings.MarkLog(_logName)) + $"-{Environment.ProcessId}.cpio";
            machine.Initramfs = Initramfs.Extend(baseArchive, archive, cpio => AddSteps(cpio, remaining));
            try
            {
                string log = boot == 1 ? _logName : $"{Path.GetFileNameWithoutExtension(_logName)}-boot{boot}.log";
                using var observer = new Observer(this, outcomes);
                MachineEnd end = machine.RunObserved(GuestMachine.NewToken(), observer, log, observer.Cancellation);
                if (end.Signal != 0)
                {
                    throw new OsdkException("interrupted", end.Log, ExitCodes.Interrupted + end.Signal);
                }
                // The machine stopped early: the step that ran, or the one that should have run first, is to blame.
                if (outcomes.Count < steps.Count)
                {
                    observer.Blame(remaining.First(step => !outcomes.ContainsKey(step.Name)).Name, end);
                }
            }
            finally
            {
                File.Delete(machine.Initramfs);
            }
        }
        return outcomes;
    }

    private void AddSteps(CpioWriter cpio, IEnumerable<(string Name, string Script)> steps)
    {
        cpio.AddDirectory("osdk");
        cpio.AddDirectory("osdk/steps");
        int index = 0;
        foreach ((string name, string script) in steps)
        {
            // init runs them in the order of their names.
            cpio.AddFile($"osdk/steps/{index++:D4}-{name}", script, 0b111_101_101);
        }
        AddFiles?.Invoke(cpio);
    }

    private sealed class Observer : IGuestObserver, IDisposable
    {
        private readonly GuestSteps _owner;
        private readonly Dictionary<string, StepOutcome> _outcomes;
        private readonly MemoryStream _output = new();
        private readonly CancellationTokenSource _cancellation = new();
        private readonly Stopwatch _watch = new();
        private string? _current;

        public Observer(GuestSteps owner, Dictionary<string, StepOutcome> outcomes)
        {
            _owner = owner;
            _outcomes = outcomes;
            // Until the first step begins, this limits the boot.
            _cancellation.CancelAfter(owner.StepLimit);
        }

        public CancellationToken Cancellation => _cancellation.Token;

        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
            if (step is not null)
            {
                _output.Write(bytes);
            }
        }

        public void OnBegin(string step)
        {
            _current = StripIndex(step);
            _output.SetLength(0);
            _watch.Restart();
            _cancellation.CancelAfter(_owner.StepLimit);
        }

        public void OnEnd(string step, int status)
        {
            Record(StripIndex(step), new StepOutcome(status, _output.ToArray(), null, _watch.Elapsed));
            _current = null;
            _cancellation.CancelAfter(_owner.StepLimit);
        }

        public void OnMissing(string program)
        {
        }

        public void Blame(string next, MachineEnd end)
        {
            string when = _current is null ? " before it began" : "";
            string trouble = _cancellation.IsCancellationRequested
                ? $"hung{when}: no end within {_owner.StepLimit.TotalSeconds:F0} s"
                : end.QemuStatus == 0 ? "the machine powered off or restarted" + when : $"the kernel panicked{when} (QEMU status {end.QemuStatus}): {end.ReadPanic()}";
            Record(_current ?? next, new StepOutcome(null, _output.ToArray(), $"{trouble}; see {end.Log}", _watch.Elapsed));
        }

        public void Dispose()
        {
            _cancellation.Dispose();
            _output.Dispose();
        }

        private void Record(string step, StepOutcome outcome)
        {
            _outcomes[step] = outcome;
            _owner.Finished?.Invoke(step, outcome);
            File.AppendAllText(_owner._timings, $"{outcome.Duration.TotalSeconds,8:F2} s {step}\n");
        }

        private static string StripIndex(string step) => step[(step.IndexOf('-') + 1)..];
    }
}
