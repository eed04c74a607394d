// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>Tests that run in the kernel: images that run their <c>[KernelTest]</c>s, or the runtime's own tests, and power off.</summary>
internal sealed partial class KernelSuite : ITestSuite
{
    private const int RuntimeTestsPassed = 33;

    /// <inheritdoc/>
    public string Name => "kernel";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        RunImage(run, "tests/Ostd.Runtime.Tests", RuntimeTestsPassed);
        RunImage(run, "tests/Kernel.Image.Tests", 0);
    }

    private void RunImage(TestRun run, string project, int goodStatus)
    {
        string name = $"{Name}/{Path.GetFileName(project)}";
        if (!Directory.Exists(Repository.File(project)) || !run.Selects(name))
        {
            return;
        }
        MachineSettings settings = run.Settings with
        {
            Image = project,
            // The later word wins: the results are in the kernel's log.
            KernelArguments = [.. run.Settings.KernelArguments, "kernel.test", "loglevel=7"],
            TimeoutSeconds = 300,
        };
        var observer = new ResultReader(run, name);
        MachineEnd end = new GuestMachine(settings).RunObserved(GuestMachine.NewToken(), observer, $"kernel-{Path.GetFileName(project)}.log");
        observer.Complete();
        if (end.HasTimedOut)
        {
            run.Fail(name, "not done after 300 s", end.Log);
        }
        else if (end.QemuStatus != goodStatus && observer.FailedCount == 0)
        {
            run.Fail(name, $"QEMU left with {end.QemuStatus}", end.Log);
        }
        else if (observer.FailedCount == 0)
        {
            run.Count();
            run.Note($"{name}: {observer.PassedCount} tests passed");
        }
    }

    /// <summary>Reads <c>test NAME: ok</c> and <c>test NAME: FAILED: reason</c> from the log.</summary>
    private sealed class ResultReader(TestRun run, string suite) : IGuestObserver
    {
        private readonly List<byte> _line = [];

        public int PassedCount { get; private set; }

        public int FailedCount { get; private set; }

        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
            foreach (byte value in bytes)
            {
                if (value == '\n')
                {
                    Complete();
                }
                else
                {
                    _line.Add(value);
                }
            }
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

        public void Complete()
        {
            Match match = ResultLine().Match(System.Text.Encoding.UTF8.GetString([.. _line]).TrimEnd('\r'));
            _line.Clear();
            if (!match.Success)
            {
                return;
            }
            if (match.Groups[2].Value == "ok")
            {
                PassedCount++;
                run.Count();
            }
            else
            {
                FailedCount++;
                run.Fail($"{suite}/{match.Groups[1].Value}", match.Groups[2].Value);
            }
        }
    }

    [GeneratedRegex(@"\btest (\S+): (ok|FAILED.*)$")]
    private static partial Regex ResultLine();
}
