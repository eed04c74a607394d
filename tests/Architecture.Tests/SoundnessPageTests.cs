// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using Xunit;

namespace Asterion.Architecture.Tests;

/// <summary>docs/soundness.md is an argument only as long as the tests that it names exist.</summary>
public class SoundnessPageTests
{
    private const string NotBuilt = "not built yet";

    [Fact]
    public void EveryRow_NamesTestsThatExist()
    {
        var sources = Repository.Files("*.cs").Where(p => p.StartsWith("tests/", StringComparison.Ordinal)).ToDictionary(p => p, Repository.Read);
        string suites = Repository.Read("build/osdk/Testing/PanicSuite.cs") + Repository.Read("build/osdk/Testing/PanicHandlerSuite.cs") + Repository.Read("build/osdk/Testing/AuditSuite.cs");
        var missing = new List<string>();
        string[][] rows = [.. Rows()];
        foreach (string[] row in rows)
        {
            Assert.Equal(4, row.Length);
            var names = Regex.Matches(row[3], "`([^`]+)`").Select(m => m.Groups[1].Value).ToArray();
            if (names.Length == 0 && !row[3].StartsWith(NotBuilt, StringComparison.Ordinal))
            {
                missing.Add("no test: " + row[0]);
            }

            missing.AddRange(names.Where(name => !Exists(name, sources, suites)));
        }

        Assert.True(rows.Length > 30, "the tables were not found");
        Assert.Empty(missing);
    }

    [Fact]
    public void RowsThatAreNotBuilt_SayWhatTheyNeed()
        => Assert.Empty(Rows().Where(r => r[2].StartsWith(NotBuilt, StringComparison.Ordinal) && r[2].Length < NotBuilt.Length + 20).Select(r => r[0]));

    private static IEnumerable<string[]> Rows()
        => Repository.Read("docs/soundness.md").Split('\n')
            .Where(l => l.StartsWith("| ", StringComparison.Ordinal) && !l.StartsWith("| Invariant", StringComparison.Ordinal))
            .Select(l => l.Trim('|', ' ').Split(" | "));

    private static bool Exists(string name, Dictionary<string, string> sources, string suites)
    {
        if (Regex.Match(name, "^(panic|panic-handler|audit)/([a-z-]+)$") is { Success: true } machine)
        {
            return suites.Contains($"(\"{machine.Groups[2].Value}\",", StringComparison.Ordinal);
        }

        if (Regex.Match(name, "^guest/([a-z_]+):([a-z_0-9]+)$") is { Success: true } guest)
        {
            return Repository.Read($"tests/guest/{guest.Groups[1].Value}.c").Contains($"TEST({guest.Groups[2].Value})", StringComparison.Ordinal);
        }

        string[] parts = name.Split('.');
        return parts.Length == 2 && sources.Values.Any(s => s.Contains($"class {parts[0]}", StringComparison.Ordinal) && HoldsTest(s.Split('\n'), parts[1]));
    }

    private static bool HoldsTest(string[] lines, string method)
    {
        int at = Array.FindIndex(lines, l => l.Contains($" {method}(", StringComparison.Ordinal));
        int first = at;
        while (first > 0 && lines[first - 1].TrimStart().StartsWith('['))
        {
            first--;
        }

        return at >= 0 && lines[first..at].Any(l => l.Contains("[Fact", StringComparison.Ordinal) || l.Contains("[Theory", StringComparison.Ordinal) || l.Contains("[KernelTest", StringComparison.Ordinal));
    }
}
