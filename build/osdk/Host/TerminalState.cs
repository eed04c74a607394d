// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Osdk.Host;

/// <summary>Remembers the terminal's settings and puts them back, also when QEMU, which changes them, was killed.</summary>
internal sealed class TerminalState : IDisposable
{
    private readonly string? _saved;

    public TerminalState()
    {
        if (Console.IsInputRedirected)
        {
            return;
        }
        _saved = Stty("-g")?.Trim();
        string[] size = Stty("size")?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (size.Length == 2 && int.TryParse(size[0], out int rows) && int.TryParse(size[1], out int columns) && rows > 0 && columns > 0)
        {
            Rows = rows;
            Columns = columns;
        }
    }

    /// <summary>Height in lines, or 0 when unknown.</summary>
    public int Rows { get; }

    /// <summary>Width in columns, or 0 when unknown.</summary>
    public int Columns { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!string.IsNullOrEmpty(_saved))
        {
            Stty(_saved);
        }
    }

    private static string? Stty(string argument)
    {
        // Standard input stays the terminal: that is the one stty(1) works on.
        using var process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("stty", [argument]) { RedirectStandardOutput = true, RedirectStandardError = true });
        if (process is null)
        {
            return null;
        }
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : null;
    }
}
