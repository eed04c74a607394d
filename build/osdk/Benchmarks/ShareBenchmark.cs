// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text;
using Asterion.Osdk.Host;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Profiling;

namespace Asterion.Osdk.Benchmarks;

/// <summary><c>osdk bench gc-share</c>: how much of the kernel's work is the runtime's own: allocating, marking, sweeping and write barriers.</summary>
internal static class ShareBenchmark
{
    private const string Page = "runtime-costs.md";
    private const string Section = "share";

    /// <summary>The most that the runtime may take, in per cent.</summary>
    private const double Bar = 13;

    private const string Idle = "idle";
    private const string User = "user";
    private const string Rest = "rest";

    // A sample belongs to the first of these of which a frame is on its stack, so that what a collection or an allocation calls counts as theirs.
    private static readonly (string Name, string[] Parts)[] s_categories =
    [
        ("collection", ["Ostd.Runtime:Collector.", "Ostd.Runtime:ConcurrentCycle.", "Ostd.Runtime:Marker.", "Ostd.Runtime:MarkingHelp.", "Ostd.Runtime:GcDescriptor.", "Ostd.Runtime:HandleTable.MarkStrongStep", "Ostd.Runtime:FrozenSegments.", "Ostd.Core:Ostd_Tasks_CollectorTask.", "Ostd.Core:Ostd_Tasks_MarkingTasks.", "Ostd.Runtime:Sweeper.", "Ostd.Runtime:Roots.", "Ostd.Runtime:GreyList.", "Ostd.Runtime:GcBudget."]),
        ("allocation", ["RhpNew", "RhNewString", "runtime_new_", "Ostd.Runtime:AllocationExports.", "Ostd.Runtime:GcHeap.", "Ostd.Runtime:CpuHeap.", "Ostd.Runtime:PageProvider.", "Ostd.Runtime:HeapRegion."]),
        ("barriers", ["RhpAssignRef", "RhpCheckedAssignRef", "RhpByRefAssignRef", "RhpCheckedLockCmpXchg", "RhpCheckedXchg", "RhBulkMoveWithWriteBarrier", "Ostd.Runtime:WriteBarrier."]),
    ];

    // The bar is for what systems do most of the time; a heap that only grows is marked again and again for nothing, which is shown beside it.
    private static readonly (string Name, bool HasBar, string Script)[] s_loads =
    [
        ("processes", true, "i=0; while [ $i -lt 4000 ]; do /bin/busybox true; i=$((i+1)); done"),
        ("files", true, "cd /tmp; for r in $(seq 100); do mkdir d; for i in $(seq 150); do echo $i >d/$i; done; cp -r d e; cat e/* >/dev/null; tar cf t d; ls -lR . >/dev/null; find . -type f >/dev/null; rm -rf d e t; done"),
        ("growing heap", false, "mount -t tmpfs -o nr_inodes=0 files /tmp && cd /tmp && for d in $(seq 200); do mkdir $d; cd $d; seq 1000 | xargs -n 500 touch; cd ..; done"),
    ];

    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var update = new Option<bool>("--update") { Description = $"Rewrite the table in docs/{Page}" };
        var command = new Command("gc-share", "Measures which share of the kernel's work is allocation, collection and write barriers; fails above 13 %.") { update };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "bench");
            settings = settings with { QemuArguments = [.. settings.QemuArguments, .. QemuCommandLine.CountInstructions] };
            var rows = new List<(string Load, bool HasBar, Dictionary<string, int> Samples)>();
            foreach ((string name, bool hasBar, string script) in s_loads)
            {
                IReadOnlyDictionary<string, int> stacks = Report.Progress($"Running {name}", () => ProfiledRun.Run(settings, "#!/bin/sh\n" + script + "\n", samplesPerSecond: 997, seconds: null));
                rows.Add((name, hasBar, Sort(stacks)));
            }
            string table = Format(rows);
            Console.Out.Write(table);
            if (result.GetValue(update))
            {
                DocumentSection.Replace(Page, Section, table);
            }
            return rows.All(row => !row.HasBar || ShareOf(row.Samples) <= Bar) ? 0 : ExitCodes.Failed;
        });
        return command;
    }

    private static Dictionary<string, int> Sort(IReadOnlyDictionary<string, int> stacks)
    {
        var sums = new Dictionary<string, int>();
        foreach ((string stack, int count) in stacks)
        {
            string category = CategoryOf(stack);
            sums[category] = sums.GetValueOrDefault(category) + count;
        }
        return sums;
    }

    private static string CategoryOf(string stack)
    {
        if (stack == "[user]")
        {
            return User;
        }
        string[] frames = stack.Split(';');
        foreach ((string name, string[] parts) in s_categories)
        {
            if (frames.Any(frame => parts.Any(part => frame.StartsWith(part, StringComparison.Ordinal))))
            {
                return name;
            }
        }
        return frames[^1] == "ArchWaitForInterrupt" ? Idle : Rest;
    }

    private static int Kernel(Dictionary<string, int> samples) => samples.Where(sample => sample.Key is not (User or Idle)).Sum(sample => sample.Value);

    private static double Percent(Dictionary<string, int> samples, string category) => 100.0 * samples.GetValueOrDefault(category) / Math.Max(1, Kernel(samples));

    private static double ShareOf(Dictionary<string, int> samples) => s_categories.Sum(category => Percent(samples, category.Name));

    private static string Format(List<(string Load, bool HasBar, Dictionary<string, int> Samples)> rows)
    {
        var text = new StringBuilder("| Load | Kernel samples | ");
        text.AppendJoin(" | ", s_categories.Select(category => category.Name)).Append(CultureInfo.InvariantCulture, $" | Runtime in all | Bar | |\n|---|{string.Concat(Enumerable.Repeat("---:|", s_categories.Length + 3))}---|\n");
        foreach ((string load, bool hasBar, Dictionary<string, int> samples) in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {load} | {Kernel(samples)} | ");
            text.AppendJoin(" | ", s_categories.Select(category => string.Create(CultureInfo.InvariantCulture, $"{Percent(samples, category.Name):F1} %")));
            text.Append(CultureInfo.InvariantCulture, $" | {ShareOf(samples):F1} % | {(hasBar ? string.Create(CultureInfo.InvariantCulture, $"{Bar:F0} %") : "")} | {(!hasBar ? "" : ShareOf(samples) <= Bar ? "ok" : "**over**")} |\n");
        }
        return text.ToString();
    }
}
