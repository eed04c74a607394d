// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using Asterion.Generators.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Asterion.Generators.Diagnostics;

/// <summary>A place in a source file without the syntax tree, so that it can be cached.</summary>
internal sealed record LocationInfo(string Path, TextSpan Span, LinePositionSpan Lines)
{
    public static LocationInfo? From(Location? location)
        => location is { IsInSource: true, SourceTree: { } tree }
            ? new LocationInfo(tree.FilePath, location.SourceSpan, location.GetLineSpan().Span)
            : null;

    /// <summary>The place in a tree, so that pragmas work there; without the tree, in the file of that name.</summary>
    public Location ToLocation(SyntaxTree? tree = null)
        => tree?.FilePath == Path ? Location.Create(tree, Span) : Location.Create(Path, Span, Lines);
}

/// <summary>A diagnostic as a value: what is wrong, with which names, and where.</summary>
internal sealed record DiagnosticInfo(string Id, LocationInfo? Location, EquatableArray<string> Arguments)
{
    public static DiagnosticInfo Create(DiagnosticDescriptor descriptor, Location? location, params string[] arguments)
        => new(descriptor.Id, LocationInfo.From(location), arguments.ToEquatableArray());

    public Diagnostic ToDiagnostic(IEnumerable<SyntaxTree>? trees = null)
    {
        var path = Location?.Path;
        var tree = trees?.FirstOrDefault(t => t.FilePath == path);
        var id = Id;
        var descriptor = Descriptors.All.First(d => d.Id == id);
        return Diagnostic.Create(descriptor, Location?.ToLocation(tree) ?? Microsoft.CodeAnalysis.Location.None,
            Arguments.Cast<object>().ToArray());
    }
}
