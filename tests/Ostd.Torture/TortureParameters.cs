// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Torture;

/// <summary>What the kernel's command line says about the torture.</summary>
/// <param name="Seed"><c>torture.seed=N</c>: what the workers' dice begin with.</param>
/// <param name="Seconds"><c>torture.seconds=N</c>: how long the main part takes, on the guest's clock.</param>
/// <param name="Workers"><c>torture.workers=N</c>: tasks at once.</param>
internal readonly record struct TortureParameters(ulong Seed, int Seconds, int Workers)
{
    public static TortureParameters Parse(ReadOnlySpan<char> commandLine)
    {
        var parameters = new TortureParameters(1, 1, 8);
        foreach (Range range in commandLine.Split(' '))
        {
            ReadOnlySpan<char> word = commandLine[range];
            if (TryRead(word, "torture.seed=", out int value))
            {
                parameters = parameters with { Seed = (ulong)value };
            }
            else if (TryRead(word, "torture.seconds=", out value))
            {
                parameters = parameters with { Seconds = value };
            }
            else if (TryRead(word, "torture.workers=", out value))
            {
                parameters = parameters with { Workers = value };
            }
        }

        return parameters;
    }

    private static bool TryRead(ReadOnlySpan<char> word, string name, out int value)
    {
        value = 0;
        return word.StartsWith(name, StringComparison.Ordinal) && int.TryParse(word[name.Length..], out value) && value > 0;
    }
}
