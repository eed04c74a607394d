// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
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

/// <summary>One <c>osdk test</c>: what is selected, under which settings, and what came out.</summary>
internal sealed class TestRun(MachineSettings settings, string? filter)
{
    private readonly string? _filter = filter;
    private readonly List<string> _failures = [];
    private readonly IAnsiConsole _console = CreateConsole();
    private int _passedCount;

    /// <summary>The machine to test on.</summary>
    public MachineSettings Settings { get; private set; } = settings;

    /// <summary>Whether the tests themselves are checked, on Debian's Linux.</summary>
    public bool IsOnLinux => Settings.Kernel == "linux";

    /// <summary>Where the logs of tests on this machine go.</summary>
    public string Logs => Directory.CreateDirectory(Path.Combine(Repository.Out, "test-logs" + CpuMark)).FullName;

    /// <summary>What is put behind the names of tests on a machine with more than one CPU: <c>@4</c>.</summary>
    private string CpuMark => Settings.CpuMark;

    /// <summary>Whether a test is selected.</summary>
    /// <param name="name">Full name, <c>suite/test</c>.</param>
    public bool Selects(string name) => _filter is null || (name + CpuMark).Contains(_filter, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reports a good test.</summary>
    public void Pass(string name)
    {
        _passedCount++;
        _console.MarkupLine($"[green]pass[/] {Markup.Escape(name + CpuMark)}");
    }

    /// <summary>Counts a good test that is too small to be named on the screen.</summary>
    public void Count() => _passedCount++;

    /// <summary>Reports a bad test.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="reason">What was seen, in a few lines at most.</param>
    /// <param name="log">The file with the rest.</param>
    public void Fail(string name, string reason, string? log = null)
    {
        name += CpuMark;
        _failures.Add(name);
        _console.MarkupLine($"[red]FAIL[/] {Markup.Escape(name)}: {Markup.Escape(reason)}");
        if (log is not null)
        {
            _console.MarkupLine($"     log: {Markup.Escape(log)}");
        }
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
    public void Note(string text) => _console.MarkupLine($"[grey]     {Markup.Escape(text)}[/]");

    private static IAnsiConsole CreateConsole()
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected)
        {
            // A log has no width: one line per result, however long.
            console.Profile.Width = int.MaxValue / 2;
        }
        return console;
    }

    /// <summary>Runs the suites and prints the summary.</summary>
    /// <param name="once">Suites for which the number of CPUs makes no difference.</param>
    /// <param name="guest">Suites that run on a machine with each number of CPUs.</param>
    /// <param name="cpuCounts">Those numbers.</param>
    /// <returns>0 when all is well.</returns>
    public int Execute(IReadOnlyList<ITestSuite> once, IReadOnlyList<ITestSuite> guest, IReadOnlyList<int> cpuCounts)
    {
        var total = Stopwatch.StartNew();
        Settings = Settings with { Cpus = 1 };
        foreach (ITestSuite suite in once)
        {
            Execute(suite);
        }
        foreach (int cpus in cpuCounts)
        {
            Settings = Settings with { Cpus = cpus };
            foreach (ITestSuite suite in guest)
            {
                Execute(suite);
            }
        }
        if (_failures.Count > 0)
        {
            _console.MarkupLine("[red]Failed:[/]");
            foreach (string failure in _failures.Distinct())
            {
                _console.MarkupLine("  " + Markup.Escape(failure));
            }
        }
        Note($"{total.Elapsed.TotalSeconds:F0} s; logs are in {Path.Combine(Repository.Out, "test-logs")}*");
        Console.Out.WriteLine($"{_passedCount} passed, {_failures.Count} failed");
        return _failures.Count == 0 && _passedCount > 0 ? 0 : ExitCodes.Failed;
    }

    private void Execute(ITestSuite suite)
    {
        var watch = Stopwatch.StartNew();
        int before = _passedCount + _failures.Count;
        try
        {
            suite.Run(this);
        }
        catch (OsdkException failure)
        {
            Fail(suite.Name, failure.Message, failure.LogFile);
        }
        if (_passedCount + _failures.Count > before)
        {
            Note($"{suite.Name}{CpuMark}: {watch.Elapsed.TotalSeconds:F0} s");
        }
    }
}
