// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Testing;

/// <summary>The instruments themselves: the debugger stops at a line of C#, the profiler sees who works.</summary>
internal sealed class ToolSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "tools";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        CheckDebugger(run);
        CheckProfiler(run);
    }

    private void CheckDebugger(TestRun run)
    {
        // The line with the handler's first statement, wherever edits have moved it.
        string[] source = File.ReadAllLines(Repository.File("Kernel.Syscalls", "FileReadWrite.cs"));
        int line = Array.FindIndex(source, text => text.Contains("public SyscallResult Read(", StringComparison.Ordinal)) + 1;
        Debug(run, "debugger-stops-in-a-system-call", [$"break FileReadWrite.cs:{line}", "continue", "bt", "info source"],
        [
            @"^#0 .*FileReadWrite__Read.* at /_/Kernel\.Syscalls/FileReadWrite\.cs:\d+$", @"SyscallDispatcher__Dispatch.*:\d+$",
            @"ThreadRunner__Loop.* at /_/Kernel\.Process/Threads/ThreadRunner\.cs:\d+$", @"TaskRuntime__OnTaskEntry .* at /_/Ostd\.Core/Tasks/TaskRuntime\.cs:\d+$",
            "^Located in " + Regex.Escape(Repository.File("Kernel.Syscalls", "FileReadWrite.cs")) + "$",
        ]);
        // The first trap of the kernel's comes while it boots: behind the trap stand the interrupted code and its callers.
        Debug(run, "debugger-sees-through-a-trap", ["break Ostd_Core_Ostd_Traps_KernelTraps__OnKernelTrap", "continue", "bt"],
        [
            @"^#0 .*KernelTraps__OnKernelTrap .* at /_/Ostd\.Core/Traps/KernelTraps\.cs:\d+$", "^#1 .*signal handler called", @"^#[2-9] .* at /_/(Ostd|Kernel)\.\S+:\d+$",
            @"^#\d+ .*(KernelEntry|TaskRuntime)__\w+ .* at /_/Ostd\.Core/\S+:\d+$",
        ]);
    }

    private void Debug(TestRun run, string test, string[] commands, string[] expected)
    {
        string name = $"{Name}/{test}";
        if (!run.Selects(name))
        {
            return;
        }
        string log = Path.Combine(run.Logs, $"tools-{test}.log");
        List<string> arguments = ["debug", "--batch"];
        foreach (string command in commands)
        {
            arguments.AddRange(["--ex", command]);
        }
        Tool.RunLogged(log, Repository.File("osdk"), [.. arguments, "--", "cat", "/etc/hostname"], timeoutSeconds: 180);
        string[] output = File.ReadAllLines(log);
        Report(run, name, log, expected.Where(pattern => !output.Any(text => Regex.IsMatch(text, pattern))));
    }

    private void CheckProfiler(TestRun run)
    {
        string name = $"{Name}/profiler-finds-the-busy-method";
        if (!run.Selects(name))
        {
            return;
        }
        string log = Path.Combine(run.Logs, "tools-profiler.log");
        int status = Tool.RunLogged(log, Repository.File("osdk"), ["profile", "--", "dd", "if=/dev/zero", "of=/dev/null", "bs=64k", "count=60000"], timeoutSeconds: 180);
        string[] stacks = status == 0 ? File.ReadAllLines(Path.Combine(Repository.Out, "profile.folded")) : [];
        int all = stacks.Sum(SamplesOf);
        int reading = stacks.Where(stack => stack.Contains("Kernel.Devices:Zeros.Fill", StringComparison.Ordinal)).Sum(SamplesOf);
        bool isPicture = status == 0 && File.ReadAllText(Path.Combine(Repository.Out, "profile.svg")).Contains("Kernel.Devices:Zeros.Fill", StringComparison.Ordinal);
        List<string> troubles = [];
        if (reading * 3 < all || all == 0)
        {
            troubles.Add($"/dev/zero is in {reading} of {all} samples, which is less than a third");
        }
        if (!isPicture)
        {
            troubles.Add("the flame graph does not show it");
        }
        Report(run, name, log, troubles);
    }

    private static int SamplesOf(string stack) => int.Parse(stack.AsSpan(stack.LastIndexOf(' ') + 1));

    private static void Report(TestRun run, string name, string log, IEnumerable<string> troubles)
    {
        run.Judge(name, troubles.FirstOrDefault() is { } trouble ? "missing or wrong: " + trouble : null, log);
    }
}
