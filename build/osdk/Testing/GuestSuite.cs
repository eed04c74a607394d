// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.RegularExpressions;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;

namespace Asterion.Osdk.Testing;

/// <summary>The C programs of <c>tests/guest</c>: what system calls have to do, checked from user space. They pass on Linux too.</summary>
internal sealed partial class GuestSuite : ITestSuite
{
    private static readonly string[] s_compilerFlags =
    [
        "-std=gnu11", "-O1", "-g0", "-static", "-pthread", "-Wall", "-Wextra", "-Werror",
        // The tests hand the kernel what the compiler rightly calls nonsense.
        "-Wno-stringop-overflow", "-Wno-stringop-overread", "-Wno-nonnull", "-Wno-unused-result", "-Wno-infinite-recursion",
    ];

    // Its subject is x86-64's instructions.
    private static readonly string[] s_x64Only = ["privileges"];

    /// <inheritdoc/>
    public string Name => "guest";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        string[] programs =
        [
            .. Directory.GetFiles(Repository.File("tests", "guest"), "*.c").Select(file => Path.GetFileNameWithoutExtension(file))
                .Where(name => name != "harness" && run.Selects($"{Name}/{name}") && (run.Settings.Arch == "x64" || !s_x64Only.Contains(name))).Order(StringComparer.Ordinal),
        ];
        if (programs.Length == 0)
        {
            return;
        }
        Dictionary<string, string> binaries = Compile(programs, run.Settings.Arch!);
        var steps = new GuestSteps(run.Settings, "guest.log")
        {
            StepLimit = TimeSpan.FromMinutes(5),
            AddFiles = cpio =>
            {
                cpio.AddDirectory("osdk/guest");
                foreach ((string program, string binary) in binaries)
                {
                    cpio.AddFile("osdk/guest/" + program, File.ReadAllBytes(binary), 0b111_101_101);
                }
            },
            Finished = (program, outcome) => Judge(run, Name, program, outcome),
        };
        steps.Run([.. programs.Select(program => (program, $"#!/bin/sh\ncd /tmp && exec /osdk/guest/{program}\n"))]);
    }

    /// <summary>Compiles the programs into <c>out/guest</c>, statically, so that they need nothing from the guest.</summary>
    public static Dictionary<string, string> Compile(IEnumerable<string> programs, string arch = "x64")
    {
        var binaries = new Dictionary<string, string>();
        foreach (string program in programs)
        {
            binaries.Add(program, CompileFile(Repository.File("tests", "guest", program + ".c"), program, arch: arch));
        }
        return binaries;
    }

    /// <summary>Compiles one program, and gives the path of the binary.</summary>
    /// <param name="source">Path of the source file.</param>
    /// <param name="program">Name of the binary.</param>
    /// <param name="isTest">Whether the harness, and with it main, is linked.</param>
    /// <param name="arch">x64 or riscv64.</param>
    public static string CompileFile(string source, string program, bool isTest = true, string arch = "x64")
    {
        using var turn = BuildLock.Enter();
        bool isHost = arch == "x64";
        string compiler = isHost ? "gcc" : "riscv64-linux-gnu-gcc";
        DebianPackages.Require(isHost
            ? [(compiler, "gcc"), ("/usr/lib/x86_64-linux-gnu/libc.a", "libc6-dev")]
            : [(compiler, "gcc-riscv64-linux-gnu"), ("/usr/riscv64-linux-gnu/lib/libc.a", "libc6-dev-riscv64-cross")]);
        string folder = Directory.CreateDirectory(Path.Combine(Repository.Out, isHost ? "guest" : "guest-" + arch)).FullName;
        string harness = Repository.File("tests", "guest", "harness.c");
        string binary = Path.Combine(folder, program);
        if (Freshness.IsOutdated(binary, [source, harness, Path.ChangeExtension(harness, ".h"), .. Directory.GetFiles(Path.GetDirectoryName(source)!, "*.h")]))
        {
            List<string> arguments =
            [
                .. s_compilerFlags, $"-fmacro-prefix-map={Repository.Root}/=", "-I", Path.GetDirectoryName(harness)!, source, .. isTest ? [harness] : Array.Empty<string>(), "-o", binary,
            ];
            Tool.Run($"Compiling {Path.GetRelativePath(Repository.Root, source)}", $"gcc-{program}.log", compiler, arguments);
        }
        return binary;
    }

    /// <summary>Reports what the harness of a program printed.</summary>
    public static void Judge(TestRun run, string suite, string program, StepOutcome outcome)
    {
        string log = Path.Combine(run.Logs, $"{suite}-{program}.log");
        File.WriteAllBytes(log, outcome.Output);
        string details = "";
        bool isSummarySeen = false;
        foreach (string line in outcome.Text.Split('\n'))
        {
            if (line.StartsWith("pass ", StringComparison.Ordinal))
            {
                run.Pass($"{suite}/{program}/{line[5..]}");
            }
            else if (FailLine().Match(line) is { Success: true } match)
            {
                run.Fail($"{suite}/{program}/{match.Groups[1].Value}", (match.Groups[2].Value + details).Trim(), log);
            }
            else if (line.StartsWith("  ", StringComparison.Ordinal))
            {
                details = ": " + line.Trim();
                continue;
            }
            isSummarySeen |= SummaryLine().IsMatch(line);
            details = "";
        }
        if (outcome.Trouble is not null || !isSummarySeen)
        {
            run.Fail($"{suite}/{program}", outcome.Trouble ?? $"ended with status {outcome.Status} without a summary", log);
        }
    }

    [GeneratedRegex(@"^FAIL (\S+): (.*)$")]
    private static partial Regex FailLine();

    [GeneratedRegex(@"^\d+ passed, \d+ failed$")]
    private static partial Regex SummaryLine();
}
