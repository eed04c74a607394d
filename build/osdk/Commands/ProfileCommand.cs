// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;
using Asterion.Osdk.Machine;
using Asterion.Osdk.Profiling;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk profile</c>: where the kernel spends its time while a command runs.</summary>
internal static class ProfileCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="guestCommand">What stood behind "--".</param>
    public static Command Create(string[] guestCommand)
    {
        var seconds = new Option<double?>("--seconds") { Description = "End the command after so many seconds" };
        var rate = new Option<int>("--rate") { Description = "Samples in a second", DefaultValueFactory = _ => 397 };
        var count = new Option<bool>("--icount") { Description = "Let virtual time count instructions (one CPU at a time runs)" };
        var command = new Command("profile", "Runs the command after \"--\" in the guest, samples the stacks of the kernel, and draws a flame graph.") { seconds, rate, count };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            if (guestCommand.Length == 0)
            {
                throw new OsdkException("profile needs a command after \"--\"");
            }
            MachineSettings settings = options.Resolve(result, "run");
            if (result.GetValue(count))
            {
                settings = settings with { QemuArguments = [.. settings.QemuArguments, .. QemuCommandLine.CountInstructions] };
            }
            string script = "#!/bin/sh\nexec " + string.Join(' ', guestCommand.Select(Quote)) + "\n";
            IReadOnlyDictionary<string, int> stacks = ProfiledRun.Run(settings, script, result.GetValue(rate), result.GetValue(seconds));
            Write(stacks, string.Join(' ', guestCommand));
            return 0;
        });
        return command;
    }

    private static void Write(IReadOnlyDictionary<string, int> stacks, string title)
    {
        string folded = Path.Combine(Repository.Out, "profile.folded");
        string picture = Path.Combine(Repository.Out, "profile.svg");
        File.WriteAllLines(folded, stacks.OrderBy(stack => stack.Key, StringComparer.Ordinal).Select(stack => string.Create(CultureInfo.InvariantCulture, $"{stack.Key} {stack.Value}")));
        File.WriteAllText(picture, new FlameGraph(stacks).ToSvg(title));
        int total = stacks.Values.Sum();
        foreach (IGrouping<string, KeyValuePair<string, int>> leaf in stacks.GroupBy(stack => stack.Key[(stack.Key.LastIndexOf(';') + 1)..]).OrderByDescending(group => group.Sum(stack => stack.Value)).Take(20))
        {
            int samples = leaf.Sum(stack => stack.Value);
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{100.0 * samples / total,6:F1} % {samples,6} {leaf.Key}"));
        }
        Report.Note($"{total} samples: {folded}, {picture}");
    }

    private static string Quote(string word) => "'" + word.Replace("'", "'\\''") + "'";
}
