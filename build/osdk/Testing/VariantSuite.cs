// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Asterion.Osdk.Testing;

/// <summary>
/// The variants of the image in <c>tests/images</c>: each is built and booted, and a check in it has to leave with 0. So is proved that subsystems can be taken out and
/// exchanged by a project reference. A check with a line "then: conformance" near its top is followed by the conformance cases in the same boot.
/// </summary>
internal sealed class VariantSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "images";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        foreach (string folder in Directory.GetDirectories(Repository.File("tests", "images")).Order(StringComparer.Ordinal))
        {
            string variant = Path.GetFileName(folder);
            if (run.Selects($"{Name}/{variant}"))
            {
                RunVariant(run, variant);
            }
        }
    }

    private void RunVariant(TestRun run, string variant)
    {
        string script = Repository.File("tests", "images", variant, "check.sh");
        string program = Repository.File("tests", "images", variant, "check.c");
        bool isScript = File.Exists(script);
        bool isConforming = File.ReadLines(isScript ? script : program).Take(5).Any(line => line.Contains("then: conformance", StringComparison.Ordinal));
        string? binary = isScript ? null : GuestSuite.CompileFile(program, $"image-{variant}");
        var steps = new GuestSteps(run.Settings with { Image = Path.Combine("tests", "images", variant) }, $"images-{variant}.log")
        {
            StepLimit = TimeSpan.FromMinutes(2),
            AddFiles = cpio =>
            {
                if (binary is not null)
                {
                    cpio.AddFile("osdk/check", File.ReadAllBytes(binary), 0b111_101_101);
                }
                if (isConforming)
                {
                    ConformanceSuite.AddCases(cpio);
                }
            },
        };
        List<(string, string)> list = [("check", isScript ? File.ReadAllText(script) : "#!/bin/sh\ncd /tmp && exec /osdk/check\n")];
        list.AddRange(isConforming ? ConformanceSuite.Steps() : []);
        Dictionary<string, StepOutcome> outcomes = steps.Run(list);
        StepOutcome outcome = outcomes["check"];
        string log = Path.Combine(run.Logs, $"images-{variant}-check.log");
        File.WriteAllBytes(log, outcome.Output);
        if (outcome.Status == 0)
        {
            run.Pass($"{Name}/{variant}");
            run.Note($"{outcome.Duration.TotalSeconds:F1} s; {outcome.Text.Trim().Split('\n')[^1]}");
        }
        else
        {
            run.Fail($"{Name}/{variant}", outcome.Trouble ?? $"status {outcome.Status}: {outcome.Text.Trim().Split('\n')[^1]}", log);
        }
        if (isConforming)
        {
            ConformanceSuite.JudgeAll(run, $"{Name}/{variant}/", outcomes);
        }
    }
}
