// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using Asterion.Osdk.Host;
using Spectre.Console;

namespace Asterion.Osdk.Testing;

/// <summary>The results of one <c>osdk test</c>, on the screen and counted. Suites that run side by side report to it.</summary>
internal sealed class TestResults
{
    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console = CreateConsole();
    private readonly List<string> _failures = [];
    private int _passedCount;

    /// <summary>A good test.</summary>
    /// <param name="line">What is said about it, in markup; null for nothing.</param>
    public void Pass(string? line)
    {
        lock (_lock)
        {
            _passedCount++;
            if (line is not null)
            {
                _console.MarkupLine(line);
            }
        }
    }

    /// <summary>A bad test.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="lines">What is said about it, in markup.</param>
    public void Fail(string name, string lines)
    {
        lock (_lock)
        {
            _failures.Add(name);
            _console.MarkupLine(lines);
        }
    }

    /// <summary>Says something that is no result.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            _console.MarkupLine($"[grey]     {Markup.Escape(text)}[/]");
        }
    }

    /// <summary>Prints the summary, when all suites have ended.</summary>
    /// <param name="duration">How long they took.</param>
    /// <returns>0 when all is well.</returns>
    public int Conclude(TimeSpan duration)
    {
        if (_failures.Count > 0)
        {
            _console.MarkupLine("[red]Failed:[/]");
            foreach (string failure in _failures.Distinct())
            {
                _console.MarkupLine("  " + Markup.Escape(failure));
            }
        }
        Note($"{duration.TotalSeconds:F0} s; logs are in {Path.Combine(Repository.Out, "test-logs")}*");
        Console.Out.WriteLine($"{_passedCount} passed, {_failures.Count} failed");
        return _failures.Count == 0 && _passedCount > 0 ? 0 : ExitCodes.Failed;
    }

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
}
