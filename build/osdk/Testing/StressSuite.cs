// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>Many processes, much data: <c>tests/stress/*.sh</c>, and <c>*.c</c>, run in the guest. A test passes by leaving with 0.</summary>
internal sealed partial class StressSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "stress";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        string folder = Repository.File("tests", "stress");
        string[] files = [.. Directory.GetFiles(folder, "*.sh").Concat(Directory.GetFiles(folder, "*.c")).Where(file => run.Selects($"{Name}/{NameOf(file)}")).Order(StringComparer.Ordinal)];

        // Tests that want the same kernel share a machine.
        foreach (IGrouping<string, string> group in files.GroupBy(KernelArgument))
        {
            if (group.Key.Length == 0 || !run.IsOnLinux)
            {
                RunGroup(run, group.Key, [.. group]);
            }
        }
    }

    private static string NameOf(string file) => Path.GetFileNameWithoutExtension(file);

    // A line "kernel: ARGUMENT" near the top.
    private static string KernelArgument(string file)
    {
        Match match = KernelLine().Match(string.Join('\n', File.ReadLines(file).Take(5)));
        return match.Success ? match.Groups[1].Value : "";
    }

    private void RunGroup(TestRun run, string argument, string[] files)
    {
        Dictionary<string, string> programs = files.Where(file => file.EndsWith(".c", StringComparison.Ordinal)).ToDictionary(NameOf, file => GuestSuite.CompileFile(file, "stress-" + NameOf(file), isTest: false));
        MachineSettings settings = argument.Length == 0 ? run.Settings : run.Settings with { KernelArguments = [.. run.Settings.KernelArguments, argument] };
        new GuestSteps(settings, argument.Length == 0 ? "stress.log" : $"stress-{argument.Split('=')[0]}.log")
        {
            StepLimit = TimeSpan.FromMinutes(argument.Length == 0 ? 6 : 12),
            AddFiles = cpio =>
            {
                cpio.AddDirectory("osdk/stress");
                foreach ((string name, string binary) in programs)
                {
                    cpio.AddFile("osdk/stress/" + name, File.ReadAllBytes(binary), 0b111_101_101);
                }
            },
            Finished = (script, outcome) => Judge(run, script, outcome),
        }.Run([.. files.Select(file => (NameOf(file), programs.ContainsKey(NameOf(file)) ? $"#!/bin/sh\nexec /osdk/stress/{NameOf(file)}\n" : File.ReadAllText(file)))]);
    }

    private void Judge(TestRun run, string script, StepOutcome outcome)
    {
        string log = Path.Combine(run.Logs, $"stress-{script}.log");
        File.WriteAllBytes(log, outcome.Output);
        if (outcome.Status == 0)
        {
            run.Pass($"{Name}/{script}");
            run.Note($"{outcome.Duration.TotalSeconds:F1} s; {outcome.Text.Trim().Split('\n')[^1]}");
        }
        else
        {
            run.Fail($"{Name}/{script}", outcome.Trouble ?? $"status {outcome.Status}: {outcome.Text.Trim().Split('\n')[^1]}", log);
        }
    }

    [GeneratedRegex(@"^\W*kernel: (\S+)", RegexOptions.Multiline)]
    private static partial Regex KernelLine();
}
