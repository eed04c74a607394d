// SPDX-License-Identifier: MPL-2.0

using System;

namespace Asterion.Compiler;

/// <summary>The program holds something that this compiler does not compile. The message names it and where it stands.</summary>
internal sealed class CompilationException(string message) : Exception(message)
{
    /// <summary>Where in the IL it stands: <c>METHOD at IL_0012</c>; set by the importer.</summary>
    public string? Place { get; set; }

    /// <summary>The methods that led to the one it stands in, the nearest first; set by the compilation.</summary>
    public string? NeededBy { get; set; }

    /// <inheritdoc/>
    public override string Message => (Place is null ? base.Message : $"{Place}: {base.Message}") + (NeededBy is null ? "" : $" (needed by {NeededBy})");
}
