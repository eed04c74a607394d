// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>
/// Shell snippets over busybox's applets, run on this kernel and on Debian's Linux in the same machine; the outputs have to be the same.
/// Linux's outputs are kept until a case, the initial file system or the Linux kernel changes.
/// </summary>
internal sealed partial class ConformanceSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "conformance";

    private static string Folder => Repository.File("tests", "conformance");

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        List<(string Name, string Script)> cases = AllCases();
        List<(string Name, string Script)> selected = [.. cases.Where(test => run.Selects($"{Name}/{test.Name}"))];
        if (selected.Count == 0)
        {
            return;
        }
        Dictionary<string, string> allowed = ReadAllowedDifferences(run.Settings.Arch!);
        Dictionary<string, string> expected = LinuxOutputs(run, cases);
        // On Linux itself this is the second run: it shows which cases don't give the same twice and can't be compared.
        foreach ((string name, StepOutcome outcome) in Execute(run.Settings, selected, "conformance.log"))
        {
            Judge(run, $"{Name}/{name}", name, outcome, expected[name], allowed);
        }
    }

    /// <summary>All cases as steps of another suite, for a machine that has been through something.</summary>
    public static List<(string Name, string Script)> Steps() => [.. AllCases().Select(test => (test.Name, Wrap(test.Name)))];

    /// <summary>Adds the files that <see cref="Steps"/> need.</summary>
    public static void AddCases(CpioWriter cpio) => AddCases(cpio, AllCases());

    /// <summary>Judges what <see cref="Steps"/> did.</summary>
    /// <param name="run">Where the results go.</param>
    /// <param name="prefix">Begins the tests' names.</param>
    /// <param name="outcomes">Of the steps; others are passed over.</param>
    public static void JudgeAll(TestRun run, string prefix, Dictionary<string, StepOutcome> outcomes)
    {
        List<(string Name, string Script)> cases = AllCases();
        Dictionary<string, string> allowed = ReadAllowedDifferences(run.Settings.Arch!);
        Dictionary<string, string> expected = LinuxOutputs(run, cases);
        foreach ((string name, _) in cases)
        {
            Judge(run, prefix + name, name, outcomes[name], expected[name], allowed);
        }
    }

    private static List<(string Name, string Script)> AllCases() => [.. Directory.GetFiles(Folder, "*.cases").Order(StringComparer.Ordinal).SelectMany(Parse)];

    private static void AddCases(CpioWriter cpio, List<(string Name, string Script)> cases)
    {
        cpio.AddDirectory("osdk/cases");
        foreach ((string name, string script) in cases)
        {
            cpio.AddFile("osdk/cases/" + name, script);
        }
    }

    private static void Judge(TestRun run, string test, string name, StepOutcome outcome, string expected, Dictionary<string, string> allowed)
    {
        string actual = Describe(outcome);
        if (actual == expected)
        {
            run.Pass(test);
        }
        else if (allowed.TryGetValue(name, out string? reason) && outcome.Trouble is null)
        {
            run.Pass(test);
            run.Note($"differs, as allowed: {reason}");
        }
        else
        {
            string folder = Directory.CreateDirectory(Path.Combine(run.Logs, "conformance")).FullName;
            string expectedFile = Path.Combine(folder, name + ".linux");
            string actualFile = Path.Combine(folder, name + ".actual");
            File.WriteAllText(expectedFile, expected);
            File.WriteAllText(actualFile, actual);
            run.Fail(test, outcome.Trouble ?? FirstDifference(expected, actual), $"diff {expectedFile} {actualFile}");
        }
    }

    private static string FirstDifference(string expected, string actual)
    {
        string[] left = expected.Split('\n');
        string[] right = actual.Split('\n');
        int line = 0;
        while (line < left.Length && line < right.Length && left[line] == right[line])
        {
            line++;
        }
        string Get(string[] lines) => line >= lines.Length ? "(end)" : $"\"{lines[line][..Math.Min(lines[line].Length, 100)]}\"";
        return $"line {line + 1}: Linux has {Get(left)}, this has {Get(right)}";
    }

    private static string Describe(StepOutcome outcome) => outcome.Text + $"\nstatus {outcome.Status?.ToString() ?? "none"}\n";

    private static Dictionary<string, string> LinuxOutputs(TestRun run, List<(string Name, string Script)> cases)
    {
        using var turn = BuildLock.Enter();
        string kernel = LinuxKernel.Get();
        string cache = Path.Combine(Repository.Out, "conformance-linux" + run.Settings.MachineMark);
        string stamp = Path.Combine(cache, ".stamp");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(kernel));
        hash.AppendData(File.ReadAllBytes(Initramfs.Make(MachineSettings.Defaults)));
        foreach ((string name, string script) in cases)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\n" + Wrap(script)));
        }
        string key = Convert.ToHexString(hash.GetHashAndReset());
        if (!File.Exists(stamp) || File.ReadAllText(stamp) != key)
        {
            run.Note("asking Debian's Linux for its outputs");
            if (Directory.Exists(cache))
            {
                Directory.Delete(cache, recursive: true);
            }
            Directory.CreateDirectory(cache);
            foreach ((string name, StepOutcome outcome) in Execute(run.Settings with { Kernel = "linux", Arch = "x64" }, cases, "conformance-linux.log"))
            {
                if (outcome.Trouble is not null)
                {
                    throw new OsdkException($"on Linux, case {name}: {outcome.Trouble}");
                }
                File.WriteAllText(Path.Combine(cache, name), Describe(outcome));
            }
            File.WriteAllText(stamp, key);
        }
        return cases.ToDictionary(test => test.Name, test => File.ReadAllText(Path.Combine(cache, test.Name)));
    }

    private static Dictionary<string, StepOutcome> Execute(MachineSettings settings, List<(string Name, string Script)> cases, string log)
    {
        var steps = new GuestSteps(settings, log)
        {
            AddFiles = cpio => AddCases(cpio, cases),
        };
        return steps.Run([.. cases.Select(test => (test.Name, Wrap(test.Name)))]);
    }

    /// <summary>Each case starts in an empty folder with the same environment.</summary>
    private static string Wrap(string name) =>
        $"""
        #!/bin/sh
        cd /tmp && rm -rf /tmp/case && mkdir /tmp/case && cd /tmp/case || exit 99
        exec env -i PATH="$PATH" HOME=/root TERM=linux LC_ALL=C TZ=UTC timeout -s KILL 120 sh /osdk/cases/{name}

        """;

    private static IEnumerable<(string Name, string Script)> Parse(string file)
    {
        string? name = null;
        var script = new StringBuilder();
        foreach (string line in File.ReadLines(file))
        {
            if (line.StartsWith("### ", StringComparison.Ordinal))
            {
                if (name is not null)
                {
                    yield return (name, script.ToString());
                }
                name = line[4..].Trim();
                script.Clear();
            }
            else if (name is not null)
            {
                script.Append(line).Append('\n');
            }
        }
        if (name is not null)
        {
            yield return (name, script.ToString());
        }
    }

    private static Dictionary<string, string> ReadAllowedDifferences(string arch)
    {
        var allowed = new Dictionary<string, string>();
        foreach (string line in File.ReadLines(Path.Combine(Folder, "allowed-differences.txt")))
        {
            if (AllowedDifference().Match(line) is { Success: true } match)
            {
                if (match.Groups[2].Value.Length == 0 || match.Groups[2].Value == arch)
                {
                    allowed.Add(match.Groups[1].Value, match.Groups[3].Value);
                }
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                throw new OsdkException($"allowed-differences.txt: not \"case: reason\" or \"case (architecture): reason\": {line}");
            }
        }
        return allowed;
    }

    [GeneratedRegex(@"^([a-z0-9-]+)(?: \(([a-z0-9]+)\))?: (.+)$")]
    private static partial Regex AllowedDifference();
}
