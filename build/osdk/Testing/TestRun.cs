// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using Asterion.Osdk.Machine;
using Spectre.Console;

namespace Asterion.Osdk.Testing;

/// <summary>A set of tests that run in the same way.</summary>
internal interface ITestSuite
{
    /// <summary>Its name, the first part of its tests' names.</summary>
    string Name { get; }

    /// <summary>Runs those of its tests that the run selects and reports each one.</summary>
    void Run(TestRun run);
}

/// <summary>What a suite is given: what is selected, on which machine, and where its results go.</summary>
/// <param name="settings">The machine to test on.</param>
/// <param name="filter">Which tests are selected.</param>
/// <param name="results">The results of all suites.</param>
internal sealed class TestRun(MachineSettings settings, TestFilter filter, TestResults results)
{
    private readonly TestResults _results = results;

    /// <summary>The machine to test on.</summary>
    public MachineSettings Settings { get; } = settings;

    /// <summary>How many tests of this run have a result.</summary>
    public int ResultCount { get; private set; }

    /// <summary>Whether the tests themselves are checked, on Debian's Linux.</summary>
    public bool IsOnLinux => Settings.Kernel == "linux";

    /// <summary>Where the logs of tests on this machine go.</summary>
    public string Logs => Directory.CreateDirectory(Path.Combine(Repository.Out, "test-logs" + MachineMark)).FullName;

    /// <summary>What is put behind the names of tests on a machine with an IOMMU or more than one CPU: <c>+iommu@4</c>.</summary>
    public string MachineMark => Settings.MachineMark;

    /// <summary>Whether a test is selected.</summary>
    /// <param name="name">Full name, <c>suite/test</c>.</param>
    public bool Selects(string name) => filter.Selects(name + MachineMark);

    /// <summary>Reports a good test.</summary>
    public void Pass(string name)
    {
        ResultCount++;
        _results.Pass($"[green]pass[/] {Markup.Escape(name + MachineMark)}");
    }

    /// <summary>Counts a good test that is too small to be named on the screen.</summary>
    public void Count()
    {
        ResultCount++;
        _results.Pass(line: null);
    }

    /// <summary>Reports a bad test.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="reason">What was seen, in a few lines at most.</param>
    /// <param name="log">The file with the rest.</param>
    public void Fail(string name, string reason, string? log = null)
    {
        ResultCount++;
        name += MachineMark;
        _results.Fail(name, $"[red]FAIL[/] {Markup.Escape(name)}: {Markup.Escape(reason)}" + (log is null ? "" : $"\n     log: {Markup.Escape(log)}"));
    }

    /// <summary>Reports a test that is good unless there is trouble.</summary>
    /// <param name="name">Full name, <c>suite/test</c>.</param>
    /// <param name="trouble">What is wrong, or null.</param>
    /// <param name="log">The file with the rest.</param>
    public void Judge(string name, string? trouble, string? log = null)
    {
        if (trouble is null)
        {
            Pass(name);
        }
        else
        {
            Fail(name, trouble, log);
        }
    }

    /// <summary>Says something that is no result.</summary>
    public void Note(string text) => _results.Note(text);
}
