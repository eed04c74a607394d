// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;

namespace Asterion.Compiler.Emit;

/// <summary>Symbols that read like C#, each used once: private types of two assemblies may have one name.</summary>
internal sealed class SymbolNames
{
    private readonly Dictionary<string, object> _owners = new(StringComparer.Ordinal);

    /// <summary>A symbol, with its <c>@</c> and quotes.</summary>
    /// <param name="name">The name wanted.</param>
    /// <param name="owner">Who wants it; the same owner gets the same symbol.</param>
    public string Unique(string name, object owner)
    {
        string candidate = name;
        for (int i = 2; !_owners.TryAdd(candidate, owner) && !_owners[candidate].Equals(owner); i++)
        {
            candidate = string.Create(CultureInfo.InvariantCulture, $"{name}#{i}");
        }

        return $"@\"{candidate.Replace("\\", "\\5C", StringComparison.Ordinal).Replace("\"", "\\22", StringComparison.Ordinal)}\"";
    }
}
