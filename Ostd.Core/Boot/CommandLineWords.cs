// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Boot;

/// <summary>The words of the kernel's command line that are the kernel's: those before <c>--</c>, behind which all belongs to init (man 7 bootparam). Allocates nothing.</summary>
public ref struct CommandLineWords(ReadOnlySpan<char> commandLine)
{
    private ReadOnlySpan<char> _rest = commandLine;

    /// <summary>The word at hand; may be empty.</summary>
    public ReadOnlySpan<char> Current { get; private set; }

    /// <summary>For <see langword="foreach"/>.</summary>
    public readonly CommandLineWords GetEnumerator() => this;

    /// <summary>Goes to the next word; <see langword="false"/> at the end.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        int end = _rest.IndexOf(' ');
        Current = end < 0 ? _rest : _rest[..end];
        _rest = end < 0 ? default : _rest[(end + 1)..];
        return Current is not "--";
    }

    /// <summary>Whether a word is a parameter with a value.</summary>
    /// <param name="word">The word.</param>
    /// <param name="prefix">The parameter's name with its <c>=</c>.</param>
    /// <param name="value">What stands behind it.</param>
    public static bool TryGetValue(ReadOnlySpan<char> word, string prefix, out ReadOnlySpan<char> value)
    {
        bool matches = word.StartsWith(prefix, StringComparison.Ordinal);
        value = matches ? word[prefix.Length..] : default;
        return matches;
    }
}
