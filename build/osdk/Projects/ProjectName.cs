// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;

namespace Asterion.Osdk.Projects;

/// <summary>What a new project may be called: its name becomes a folder, an assembly and a namespace of C#.</summary>
internal static partial class ProjectName
{
    private const int LongestName = 64;

    // The reserved words of the language: C# specification, "Keywords".
    private static readonly HashSet<string> s_keywords =
    [
        .. ("abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum event explicit extern false finally fixed float for foreach goto if "
            + "implicit in int interface internal is lock long namespace new null object operator out override params private protected public readonly ref return sbyte sealed short sizeof stackalloc static "
            + "string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual void volatile while").Split(' '),
    ];

    /// <summary>Why a name cannot be taken, or null when it can.</summary>
    /// <param name="name">The name.</param>
    /// <param name="sources">The C# texts that the project begins with: a namespace of the name of a type in them would hide it.</param>
    public static string? Trouble(string name, params IEnumerable<string> sources)
    {
        if (name.Length > LongestName)
        {
            return $"a name has at most {LongestName} characters";
        }
        if (!Shape().IsMatch(name))
        {
            return $"\"{name}\" is no name: words of letters, digits and _ that begin with a letter, with dots between them";
        }
        string[] words = name.Split('.');
        if (words.FirstOrDefault(s_keywords.Contains) is { } keyword)
        {
            return $"\"{keyword}\" is a keyword of C#";
        }
        return sources.Any(source => Identifiers(source).Contains(words[0])) ? $"\"{words[0]}\" is the name of something in the new project's code" : null;
    }

    /// <summary>The names that stand alone in a text, that is without the name of a namespace or type before them. Types begin with a capital.</summary>
    private static IEnumerable<string> Identifiers(string source) => Identifier().Matches(Comment().Replace(source, "")).Select(match => match.Value);

    [GeneratedRegex(@"^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*\z")]
    private static partial Regex Shape();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*")]
    private static partial Regex Identifier();

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();
}
