// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Testing;

namespace Asterion.Osdk.Benchmarks;

/// <summary><c>osdk bench codegen</c>: common paths through the kernel in instructions, by ilc and by this project's compiler.</summary>
internal static class CodegenBenchmark
{
    private const string Page = "performance/code-generators.md";
    private const string Section = "paths";

    // How much more instructions the kernel by this project's compiler may need, in the geometric mean.
    private const double Limit = 1.10;

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var update = new Option<bool>("--update") { Description = $"Rewrite the table in docs/{Page}" };
        var command = new Command("codegen", "Counts the instructions of common paths through kernels by ilc and by this project's compiler; fails when the second is slower by more than a tenth.") { update };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "bench") with { Arch = "x64", Cpus = 1 };
            settings = settings with { QemuArguments = [.. settings.QemuArguments, .. QemuCommandLine.CountInstructions] };
            List<(string Name, double Instructions)> ilc = Measure(settings with { Codegen = "ilc" });
            Dictionary<string, double> llvm = Measure(settings with { Codegen = "llvm" }).ToDictionary();
            List<(string Name, double Ilc, double Llvm)> paths = [.. ilc.Select(cost => (cost.Name, cost.Instructions, llvm[cost.Name]))];
            double mean = Math.Exp(paths.Average(path => Math.Log(path.Llvm / path.Ilc)));
            string table = Format(paths, mean);
            Console.Out.Write(table);
            if (result.GetValue(update))
            {
                DocumentSection.Replace(Page, Section, table);
            }
            return mean <= Limit ? 0 : ExitCodes.Failed;
        });
        return command;
    }

    private static List<(string Name, double Instructions)> Measure(MachineSettings settings)
    {
        string binary = GuestSuite.CompileFile(Repository.File("tests", "benchmarks", "paths.c"), "benchmark-paths", isTest: false);
        var steps = new GuestSteps(settings, "bench-codegen.log")
        {
            AddFiles = cpio =>
            {
                cpio.AddFile("osdk/paths", File.ReadAllBytes(binary), 0b111_101_101);
                ConformanceSuite.AddCases(cpio);
            },
        };
        Dictionary<string, StepOutcome> outcomes = steps.Run([("paths", "#!/bin/sh\nexec /osdk/paths\n"), ("before", BusyTicks), .. ConformanceSuite.Steps(), ("after", BusyTicks)]);
        foreach (string step in (string[])["paths", "before", "after"])
        {
            if (outcomes[step].Status != 0)
            {
                throw new OsdkException(outcomes[step].Trouble ?? $"{step} failed: {outcomes[step].Text}");
            }
        }
        var reader = new CostReader();
        reader.OnOutput(null, outcomes["paths"].Output);
        double script = (ReadTicks(outcomes["after"]) - ReadTicks(outcomes["before"])) * InstructionsPerTick;
        return [.. reader.Costs, ("busybox conformance script", script)];
    }

    // The CPU's time in user mode and in the kernel, proc(5): a hundredth of a second each, and a nanosecond is an instruction here.
    private const string BusyTicks = "#!/bin/sh\nawk '/^cpu / { print $2 + $3 + $4 }' /proc/stat\n";
    private const double InstructionsPerTick = 10_000_000;

    private static double ReadTicks(StepOutcome outcome) => double.Parse(outcome.Text.Trim(), CultureInfo.InvariantCulture);

    private static string Format(List<(string Name, double Ilc, double Llvm)> paths, double mean)
    {
        var text = new StringBuilder("| Path | ilc | this compiler | ratio |\n|---|---:|---:|---:|\n");
        foreach ((string name, double ilc, double llvm) in paths)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {ilc:N0} | {llvm:N0} | {llvm / ilc:F2} |\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $"| geometric mean | | | {mean:F2} |\n").ToString();
    }
}
