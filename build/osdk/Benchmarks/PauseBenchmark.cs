// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Testing;

namespace Asterion.Osdk.Benchmarks;

/// <summary><c>osdk bench gc-pauses</c>: how long the collector holds up the rest, with a large live heap and a load of files, processes and pipes.</summary>
internal static class PauseBenchmark
{
    private const string Page = "runtime-costs.md";
    private const string Section = "pauses";

    private static readonly string[] s_details = ["class_", "phase_", "large_", "verified_"];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var files = new Option<int>("--files") { Description = "Files that stay while the load runs", DefaultValueFactory = _ => 200_000 };
        var rounds = new Option<int>("--rounds") { Description = "Rounds of the load", DefaultValueFactory = _ => 300 };
        var update = new Option<bool>("--update") { Description = $"Rewrite the table in docs/{Page}" };
        var command = new Command("gc-pauses", "Measures the pauses of the garbage collector, in guest time that counts instructions.") { files, rounds, update };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "bench");
            settings = settings with { QemuArguments = [.. settings.QemuArguments, .. QemuCommandLine.CountInstructions] };
            string report = Measure(settings, result.GetValue(files), result.GetValue(rounds));
            Dictionary<string, string> before = Lines(report, "before:");
            Dictionary<string, string> after = Lines(report, "after:");
            string table = Format(before, after);
            Console.Out.Write(table);
            if (result.GetValue(update))
            {
                DocumentSection.Replace(Page, Section, table);
            }
            return 0;
        });
        return command;
    }

    private static string Measure(MachineSettings settings, int files, int rounds)
    {
        string binary = GuestSuite.CompileFile(Repository.File("tests", "benchmarks", "pauses.c"), "benchmark-pauses", isTest: false);
        var steps = new GuestSteps(settings, "bench-gc-pauses.log")
        {
            StepLimit = TimeSpan.FromMinutes(20),
            AddFiles = cpio => cpio.AddFile("osdk/pauses", File.ReadAllBytes(binary), 0b111_101_101),
        };
        // A tmpfs of its own: by default one has as many inodes as half of the memory has pages (man 5 tmpfs).
        string script = string.Create(CultureInfo.InvariantCulture, $"#!/bin/sh\nmount -t tmpfs -o nr_inodes=0 pauses /tmp && cd /tmp && exec /osdk/pauses {files} {rounds}\n");
        StepOutcome outcome = steps.Run([("pauses", script)])["pauses"];
        return outcome.Status == 0 ? outcome.Text : throw new OsdkException(outcome.Trouble ?? "the load failed: " + outcome.Text);
    }

    private static Dictionary<string, string> Lines(string report, string title)
    {
        string[] lines = report.Split('\n');
        int start = Array.IndexOf(lines, title);
        return lines.Skip(start + 1).TakeWhile(line => !line.EndsWith(':') && line.Length > 0).Select(line => line.Split(' ', 2)).Where(words => words.Length == 2)
            .GroupBy(words => words[0]).ToDictionary(group => group.Key, group => group.First()[1]);
    }

    private static string Format(Dictionary<string, string> before, Dictionary<string, string> after)
    {
        var text = new StringBuilder("| `/proc/asterion/gc` | With the files | After the load |\n|---|---:|---:|\n");
        // What each size class and each phase holds is for whoever looks into the file itself.
        foreach ((string name, string value) in after.Where(line => !s_details.Any(detail => line.Key.StartsWith(detail, StringComparison.Ordinal))))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {before.GetValueOrDefault(name, "")} | {value} |\n");
        }
        return text.ToString();
    }
}
