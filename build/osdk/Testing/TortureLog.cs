// SPDX-License-Identifier: MPL-2.0

using System;
using System.Text;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>Looks for the result of the torture in the kernel's log.</summary>
internal sealed class TortureLog : IGuestObserver
{
    private readonly StringBuilder _line = new();

    /// <summary>The test was reported as good.</summary>
    public bool HasPassed { get; private set; }

    /// <summary>The first line that says what went wrong.</summary>
    public string? Trouble { get; private set; }

    /// <inheritdoc/>
    public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value != '\n')
            {
                _line.Append((char)value);
                continue;
            }
            string line = _line.ToString().TrimEnd('\r');
            _line.Clear();
            HasPassed |= line.EndsWith("_CorruptsAndLeaksNothing: ok", StringComparison.Ordinal);
            if (line.Contains("FAILED", StringComparison.Ordinal) || line.Contains("panic", StringComparison.OrdinalIgnoreCase))
            {
                Trouble ??= line;
            }
        }
    }

    /// <inheritdoc/>
    public void OnBegin(string step)
    {
    }

    /// <inheritdoc/>
    public void OnEnd(string step, int status)
    {
    }

    /// <inheritdoc/>
    public void OnMissing(string program)
    {
    }
}
