// SPDX-License-Identifier: MPL-2.0

using System.Linq;
using System.Threading;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Asterion.Generators.Analyzers;

/// <summary>
/// Whether ilc can run a type's static initializers at build time, so that the statics stand finished in the image. Source tells it only roughly: initializers made of constants, new objects and
/// arrays pass; one that calls a method, and an explicit static constructor, do not. Types of other assemblies pass: their own build looks at the methods that use them.
/// </summary>
internal static class StaticInitializers
{
    /// <summary>Looks at all initializers of a type: they run together.</summary>
    public static bool AreDoneByTheCompiler(INamedTypeSymbol type, Compilation compilation, CancellationToken cancellation)
    {
        if (!SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly) || type.TypeKind == TypeKind.Enum)
            return true;
        if (type.StaticConstructors.Any(c => !c.IsImplicitlyDeclared))
            return false;
        return type.GetMembers().Where(m => m.IsStatic && m is IFieldSymbol { IsConst: false } or IPropertySymbol)
            .SelectMany(m => m.DeclaringSyntaxReferences)
            .Select(r => r.GetSyntax(cancellation) switch
            {
                VariableDeclaratorSyntax field => field.Initializer?.Value,
                PropertyDeclarationSyntax property => property.Initializer?.Value,
                _ => null,
            })
            .All(value => value is null || IsSimple(value));
    }

    private static bool IsSimple(ExpressionSyntax value) => !value
        .DescendantNodesAndSelf(n => n is not AnonymousFunctionExpressionSyntax)
        .Any(n => n is InvocationExpressionSyntax { Expression: not IdentifierNameSyntax { Identifier.ValueText: "nameof" } } or InterpolatedStringExpressionSyntax or AwaitExpressionSyntax);
}
