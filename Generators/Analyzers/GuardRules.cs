// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using Microsoft.CodeAnalysis;

namespace Asterion.Generators.Analyzers;

/// <summary>Reads <c>[GuardedBy]</c>.</summary>
internal static class GuardRules
{
    /// <summary>The name of the lock that a member says guards it, or null.</summary>
    public static string? LockOf(ISymbol? symbol) => symbol?.GetAttributes()
        .Where(a => a.AttributeClass is { Name: "GuardedByAttribute", ContainingNamespace: { Name: "Ostd", ContainingNamespace.IsGlobalNamespace: true } })
        .Select(a => a.ConstructorArguments.Length == 1 ? a.ConstructorArguments[0].Value as string : null)
        .FirstOrDefault(name => name is not null);
}
