// SPDX-License-Identifier: MPL-2.0

using System;
using System.Threading;
using Spectre.Console;

namespace Asterion.Osdk.Host;

/// <summary>
/// What osdk itself has to say. It goes to standard error, because standard output belongs to the guest's command.
/// </summary>
internal static class Report
{
    private static readonly Lock s_spinner = new();
    private static readonly IAnsiConsole s_error = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Says what failed.</summary>
    public static void Error(string text) => s_error.MarkupLine("[red]osdk:[/] " + Markup.Escape(text));

    /// <summary>Says something worth knowing.</summary>
    public static void Note(string text) => s_error.MarkupLine("[grey]osdk:[/] " + Markup.Escape(text));

    /// <summary>Runs long work with a spinner on a terminal, or one line elsewhere and where a spinner turns already.</summary>
    public static T Progress<T>(string title, Func<T> work)
    {
        if (Console.IsErrorRedirected || !s_spinner.TryEnter())
        {
            Note(title);
            return work();
        }
        try
        {
            return s_error.Status().Start(Markup.Escape(title), _ => work());
        }
        finally
        {
            s_spinner.Exit();
        }
    }
}
