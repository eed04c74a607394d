// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Osdk.Testing;

/// <summary>Which tests are run: those whose name contains one of the words, and none of those with a "!" before them. Without words of the first kind, all others.</summary>
/// <param name="words">The words, in any case.</param>
internal sealed class TestFilter(IEnumerable<string> words)
{
    private readonly string[] _wanted = [.. words.Where(word => !word.StartsWith('!'))];
    private readonly string[] _unwanted = [.. words.Where(word => word.StartsWith('!')).Select(word => word[1..])];

    /// <summary>Whether a test is run.</summary>
    /// <param name="name">Its full name with the machine's mark, <c>suite/test+iommu@4</c>.</param>
    public bool Selects(string name) => (_wanted.Length == 0 || HasOneOf(name, _wanted)) && !HasOneOf(name, _unwanted);

    private static bool HasOneOf(string name, string[] words) => Array.Exists(words, word => name.Contains(word, StringComparison.OrdinalIgnoreCase));
}
