// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>A machine of its own in which a script provokes a panic.</summary>
/// <param name="Trouble">Why it did not panic, or null.</param>
/// <param name="Text">All that it said.</param>
/// <param name="Log">The file with that.</param>
internal sealed record ProvokedPanic(string? Trouble, string Text, string Log)
{
    /// <summary>Boots the machine and runs the script.</summary>
    public static ProvokedPanic Run(MachineSettings settings, string logName, string script)
    {
        var steps = new GuestSteps(settings, logName) { StepLimit = TimeSpan.FromMinutes(1) };
        StepOutcome outcome = steps.Run([("provoke", $"#!/bin/sh\n{script}\n")])["provoke"];
        string log = Path.Combine(Repository.Logs, settings.MarkLog(logName));
        bool hasPanicked = outcome.Trouble?.Contains($"QEMU status {GuestMachine.PanicQemuStatus}", StringComparison.Ordinal) == true;
        return new ProvokedPanic(hasPanicked ? null : outcome.Trouble ?? $"the machine lives; status {outcome.Status}", File.ReadAllText(log), log);
    }

    /// <summary>Whether a trace in the text names a method with its file and line.</summary>
    public static bool NamesLineOf(string text, string method) => Regex.IsMatch(text, Regex.Escape(method) + @"\S*\+0x[0-9a-f]+ \(\S+\.cs:\d+\)");
}
