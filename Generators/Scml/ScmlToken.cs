// SPDX-License-Identifier: MPL-2.0

namespace Asterion.Generators.Scml;

internal enum ScmlTokenKind
{
    End,
    Name,
    Punctuation,
    Wildcard,
}

/// <summary>A token: a name (or a number), one of <c>( ) { } [ ] = | , ; &lt; &gt;</c>, or the wildcard <c>..</c>.</summary>
internal readonly struct ScmlToken(ScmlTokenKind kind, string text)
{
    public ScmlTokenKind Kind { get; } = kind;

    public string Text { get; } = text;
}
