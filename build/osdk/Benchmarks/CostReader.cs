// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Benchmarks;

/// <summary>Reads the <c>cost NAME: NUMBER</c> lines that benchmarks print, in the kernel's log or in a program's output.</summary>
internal sealed partial class CostReader : IGuestObserver
{
    private readonly List<byte> _line = [];

    /// <summary>Name and instructions, in the order of the output.</summary>
    public List<(string Name, double Instructions)> Costs { get; } = [];

    /// <inheritdoc/>
    public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            if (value != '\n')
            {
                _line.Add(value);
                continue;
            }
            Match match = CostLine().Match(Encoding.UTF8.GetString([.. _line]).TrimEnd('\r'));
            _line.Clear();
            if (match.Success)
            {
                Costs.Add((match.Groups[1].Value, double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture)));
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

    [GeneratedRegex(@"\bcost (.+): (-?\d+\.\d)$")]
    private static partial Regex CostLine();
}
