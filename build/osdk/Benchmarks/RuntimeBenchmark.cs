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

/// <summary><c>osdk bench runtime</c>: what the runtime's and the framework's basic operations cost, in instructions, and whether each stays below its bar.</summary>
internal static class RuntimeBenchmark
{
    private const string Image = "tests/Kernel.Image.Benchmarks";
    private const string Page = "runtime-costs.md";
    private const string Section = "costs";

    // The most that an operation may cost.
    private static readonly Dictionary<string, double> s_bars = new()
    {
        ["new object of 24 bytes"] = 60,
        ["new object of 32 bytes"] = 60,
        ["new object of 64 bytes"] = 60,
        ["new object of 128 bytes"] = 60,
        ["write barrier"] = 4,
        ["interface call, cached"] = 12,
        ["SpinLock pair"] = 30,
    };

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var update = new Option<bool>("--update") { Description = $"Rewrite the table in docs/{Page}" };
        var command = new Command("runtime", "Counts the instructions of allocation, barriers, calls, locks, exceptions, switches and system calls; fails when one is over its bar.") { update };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "bench") with { Image = Image, Cpus = 1, TimeoutSeconds = 300 };
            settings = settings with { QemuArguments = [.. settings.QemuArguments, .. QemuCommandLine.CountInstructions] };
            List<(string Name, double Instructions)> costs = [.. MeasureInKernel(settings), .. MeasureSystemCalls(settings)];
            string[] missing = [.. s_bars.Keys.Except(costs.Select(cost => cost.Name))];
            string table = Format(costs);
            Console.Out.Write(table);
            if (missing.Length > 0)
            {
                throw new OsdkException("not measured: " + string.Join(", ", missing));
            }
            if (result.GetValue(update))
            {
                DocumentSection.Replace(Page, Section, table);
            }
            return costs.Any(IsOver) ? ExitCodes.Failed : 0;
        });
        return command;
    }

    private static List<(string Name, double Instructions)> MeasureInKernel(MachineSettings settings)
    {
        var reader = new CostReader();
        var machine = new GuestMachine(settings with { KernelArguments = [.. settings.KernelArguments, "kernel.test=Costs", "loglevel=7"] });
        MachineEnd end = machine.RunObserved(GuestMachine.NewToken(), reader, "bench-runtime.log");
        return end.QemuStatus == 0 && !end.HasTimedOut ? reader.Costs : throw new OsdkException("a benchmark failed", end.Log);
    }

    private static List<(string Name, double Instructions)> MeasureSystemCalls(MachineSettings settings)
    {
        string binary = GuestSuite.CompileFile(Repository.File("tests", "benchmarks", "syscalls.c"), "benchmark-syscalls", isTest: false);
        var reader = new CostReader();
        var steps = new GuestSteps(settings, "bench-syscalls.log")
        {
            AddFiles = cpio => cpio.AddFile("osdk/syscalls", File.ReadAllBytes(binary), 0b111_101_101),
        };
        StepOutcome outcome = steps.Run([("syscalls", "#!/bin/sh\nexec /osdk/syscalls\n")])["syscalls"];
        if (outcome.Status != 0)
        {
            throw new OsdkException(outcome.Trouble ?? "the benchmark of system calls failed: " + outcome.Text);
        }
        reader.OnOutput(null, outcome.Output);
        return reader.Costs;
    }

    private static bool IsOver((string Name, double Instructions) cost) => s_bars.TryGetValue(cost.Name, out double bar) && cost.Instructions > bar;

    private static string Format(List<(string Name, double Instructions)> costs)
    {
        var text = new StringBuilder("| Operation | Instructions | Bar | |\n|---|---:|---:|---|\n");
        foreach ((string Name, double Instructions) cost in costs)
        {
            string bar = s_bars.TryGetValue(cost.Name, out double value) ? value.ToString("F0", CultureInfo.InvariantCulture) : "";
            string verdict = bar.Length == 0 ? "" : IsOver(cost) ? "**over**" : "ok";
            text.Append(CultureInfo.InvariantCulture, $"| {cost.Name} | {cost.Instructions:F1} | {bar} | {verdict} |\n");
        }
        return text.ToString();
    }
}
