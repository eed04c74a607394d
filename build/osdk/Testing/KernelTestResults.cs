// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>Reads <c>test NAME: ok</c> and <c>test NAME: FAILED: reason</c> from the log.</summary>
internal sealed partial class KernelTestResults(TestRun run, string suite) : IGuestObserver
{
    private readonly List<byte> _line = [];

    /// <summary>How many were good.</summary>
    public int PassedCount { get; private set; }

    /// <summary>How many were bad.</summary>
    public int FailedCount { get; private set; }

    public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value == '\n')
            {
                Complete();
            }
            else
            {
                _line.Add(value);
            }
        }
    }

    public void OnBegin(string step)
    {
    }

    public void OnEnd(string step, int status)
    {
    }

    public void OnMissing(string program)
    {
    }

    /// <summary>Reads what stands behind the last end of a line.</summary>
    public void Complete()
    {
        Match match = ResultLine().Match(System.Text.Encoding.UTF8.GetString([.. _line]).TrimEnd('\r'));
        _line.Clear();
        if (!match.Success)
        {
            return;
        }
        if (match.Groups[2].Value == "ok")
        {
            PassedCount++;
            run.Count();
        }
        else
        {
            FailedCount++;
            run.Fail($"{suite}/{match.Groups[1].Value}", match.Groups[2].Value);
        }
    }

    [GeneratedRegex(@"\btest (\S+): (ok|FAILED.*)$")]
    private static partial Regex ResultLine();
}
