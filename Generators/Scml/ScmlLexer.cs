// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;

namespace Asterion.Generators.Scml;

/// <summary>Splits the System Call Matching Language into tokens; comments are C's.</summary>
internal static class ScmlLexer
{
    public static List<ScmlToken> Split(string text)
    {
        var tokens = new List<ScmlToken>();
        var position = 0;
        while (SkipBlanksAndComments(text, ref position))
        {
            var start = position;
            if (text[position] == '.' && position + 1 < text.Length && text[position + 1] == '.')
            {
                position += 2;
                tokens.Add(new ScmlToken(ScmlTokenKind.Wildcard, ".."));
            }
            else if (IsNamePart(text[position]))
            {
                while (position < text.Length && IsNamePart(text[position]))
                    position++;
                tokens.Add(new ScmlToken(ScmlTokenKind.Name, text.Substring(start, position - start)));
            }
            else
            {
                position++;
                tokens.Add(new ScmlToken(ScmlTokenKind.Punctuation, text.Substring(start, 1)));
            }
        }

        tokens.Add(new ScmlToken(ScmlTokenKind.End, "the end"));
        return tokens;
    }

    private static bool SkipBlanksAndComments(string text, ref int position)
    {
        while (position < text.Length)
        {
            if (char.IsWhiteSpace(text[position]))
            {
                position++;
            }
            else if (string.CompareOrdinal(text, position, "//", 0, 2) == 0)
            {
                var end = text.IndexOf('\n', position);
                position = end < 0 ? text.Length : end + 1;
            }
            else if (string.CompareOrdinal(text, position, "/*", 0, 2) == 0)
            {
                var end = text.IndexOf("*/", position + 2, System.StringComparison.Ordinal);
                position = end < 0 ? text.Length : end + 2;
            }
            else
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsNamePart(char character) => char.IsLetterOrDigit(character) || character is '_' or '-';
}
