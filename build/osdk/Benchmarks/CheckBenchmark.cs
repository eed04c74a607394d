// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Benchmarks;

/// <summary><c>osdk bench checks</c>: what the framework's safety checks cost, in instructions, against an image of the same sources that was compiled without them.</summary>
internal static class CheckBenchmark
{
    private const string Image = "tests/Kernel.Image.Benchmarks";
    private const string Page = "check-costs.md";
    private const string Section = "checks";

    // The most that the checks may add, in per cent: to what begins with the name, and to all else.
    private const string Allocation = "frame allocation";
    private const double AllocationLimit = 7;
    private const double Limit = 5;

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var update = new Option<bool>("--update") { Description = $"Rewrite the table in docs/{Page}" };
        var command = new Command("checks", "Counts the instructions of the framework's safety checks, against an image without them; fails when they add too much.") { update };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "bench") with { Image = Image, Cpus = 1, TimeoutSeconds = 300 };
            settings = settings with
            {
                QemuArguments = [.. settings.QemuArguments, .. QemuCommandLine.CountInstructions],
                KernelArguments = [.. settings.KernelArguments, "kernel.test=CheckedOperations", "loglevel=7"],
            };
            Dictionary<string, double> bare = Measure(settings with { Configuration = "Unchecked" }, "bench-unchecked.log").ToDictionary();
            List<(string Name, double Checked, double Unchecked)> costs =
                [.. Measure(settings, "bench-checks.log").Select(cost => (cost.Name, cost.Instructions, bare[cost.Name]))];
            string table = Format(costs);
            Console.Out.Write(table);
            if (costs.Count == 0 || costs.Count != bare.Count)
            {
                throw new OsdkException("the two images did not measure the same operations");
            }
            if (result.GetValue(update))
            {
                DocumentSection.Replace(Page, Section, table);
            }
            return costs.Any(IsOver) ? ExitCodes.Failed : 0;
        });
        return command;
    }

    private static List<(string Name, double Instructions)> Measure(MachineSettings settings, string log)
    {
        var reader = new CostReader();
        MachineEnd end = new GuestMachine(settings).RunObserved(GuestMachine.NewToken(), reader, log);
        return end.QemuStatus == 0 && !end.HasTimedOut ? reader.Costs : throw new OsdkException("a benchmark failed", end.Log);
    }

    private static double PerCent((string Name, double Checked, double Unchecked) cost) => ((cost.Checked / cost.Unchecked) - 1) * 100;

    private static double LimitOf(string name) => name.StartsWith(Allocation, StringComparison.Ordinal) ? AllocationLimit : Limit;

    private static bool IsOver((string Name, double Checked, double Unchecked) cost) => PerCent(cost) > LimitOf(cost.Name);

    private static string Format(List<(string Name, double Checked, double Unchecked)> costs)
    {
        var text = new StringBuilder("| Operation | Without checks | With checks | Added | | Bar | |\n|---|---:|---:|---:|---:|---:|---|\n");
        foreach ((string Name, double Checked, double Unchecked) cost in costs)
        {
            string verdict = IsOver(cost) ? "**over**" : "ok";
            text.Append(CultureInfo.InvariantCulture, $"| {cost.Name} | {cost.Unchecked:F1} | {cost.Checked:F1} | {cost.Checked - cost.Unchecked:F1} | {PerCent(cost):F1} % | {LimitOf(cost.Name):F0} % | {verdict} |\n");
        }
        return text.ToString();
    }
}
