// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Asterion.Osdk.Testing;

/// <summary>Many processes, much data: <c>tests/stress/*.sh</c>, run in the guest. A script passes by leaving with 0.</summary>
internal sealed class StressSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "stress";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        List<(string Name, string Script)> scripts =
        [
            .. Directory.GetFiles(Repository.File("tests", "stress"), "*.sh").Order(StringComparer.Ordinal)
                .Select(file => (Path.GetFileNameWithoutExtension(file), File.ReadAllText(file))).Where(script => run.Selects($"{Name}/{script.Item1}")),
        ];
        if (scripts.Count == 0)
        {
            return;
        }
        new GuestSteps(run.Settings, "stress.log")
        {
            StepLimit = TimeSpan.FromMinutes(6),
            Finished = (script, outcome) => Judge(run, script, outcome),
        }.Run(scripts);
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
}
