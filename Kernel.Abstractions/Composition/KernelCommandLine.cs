// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// The kernel's command line, split as bootparam(7) and Linux' admin guide say: words separated by blanks, double quotes protect blanks,
/// and what follows <c>--</c> belongs to init. A component may take it as a constructor parameter.
/// </summary>
public sealed class KernelCommandLine
{
    private readonly List<KeyValuePair<string, string?>> _parameters = [];
    private readonly List<string> _initArguments = [];
    private readonly List<string> _claimed = [];

    /// <summary>Splits <paramref name="text"/>.</summary>
    public KernelCommandLine(string text)
    {
        Text = text;
        var position = 0;
        var isForInit = false;
        while (NextWord(text, ref position) is { } word)
        {
            if (isForInit)
                _initArguments.Add(Unquote(word));
            else if (word == "--")
                isForInit = true;
            else
                _parameters.Add(Split(word));
        }
    }

    /// <summary>The line as the boot loader gave it, for <c>/proc/cmdline</c>.</summary>
    public string Text { get; }

    /// <summary>The parameters before <c>--</c>, in order; the value is <see langword="null"/> for a name alone.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Parameters => _parameters;

    /// <summary>
    /// The words after <c>--</c>. Init gets before them, as arguments, the parameters without a value that the kernel does not take
    /// (<see cref="IsClaimed"/>), and as environment those with one.
    /// </summary>
    public IReadOnlyList<string> InitArguments => _initArguments;

    /// <summary>Says that the kernel takes the parameter, so that it does not go to init. The composition root does so for every <c>[KernelParameter]</c>.</summary>
    public void Claim(string name) => _claimed.Add(name);

    /// <summary>Whether the kernel takes the parameter. Names with a dot are for a module and never go to init, as in Linux.</summary>
    public bool IsClaimed(string name)
    {
        if (name.Contains('.', StringComparison.Ordinal))
            return true;
        foreach (var claimed in _claimed)
        {
            if (NamesEqual(claimed, name))
                return true;
        }

        return false;
    }

    /// <summary>Whether <paramref name="name"/> is given; <c>-</c> and <c>_</c> in names are the same, as in Linux.</summary>
    public bool Contains(string name)
    {
        foreach (var pair in _parameters)
        {
            if (NamesEqual(pair.Key, name))
                return true;
        }

        return false;
    }

    /// <summary>The last value given for <paramref name="name"/>, or <see langword="null"/>.</summary>
    public string? Find(string name)
    {
        for (var index = _parameters.Count - 1; index >= 0; index--)
        {
            if (NamesEqual(_parameters[index].Key, name))
                return _parameters[index].Value;
        }

        return null;
    }

    /// <summary>Whether two parameter names are the same one.</summary>
    public static bool NamesEqual(string left, string right)
    {
        if (left.Length != right.Length)
            return false;
        for (var index = 0; index < left.Length; index++)
        {
            var a = left[index] == '-' ? '_' : left[index];
            var b = right[index] == '-' ? '_' : right[index];
            if (a != b)
                return false;
        }

        return true;
    }

    private static string? NextWord(string text, ref int position)
    {
        while (position < text.Length && IsBlank(text[position]))
            position++;
        if (position == text.Length)
            return null;

        var start = position;
        var isQuoted = false;
        while (position < text.Length && (isQuoted || !IsBlank(text[position])))
        {
            if (text[position] == '"')
                isQuoted = !isQuoted;
            position++;
        }

        return text.Substring(start, position - start);
    }

    private static KeyValuePair<string, string?> Split(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(Unquote(word), null) : new(Unquote(word.Substring(0, equals)), Unquote(word.Substring(equals + 1)));
    }

    private static string Unquote(string word) => word.Contains('"', StringComparison.Ordinal) ? word.Replace("\"", "", StringComparison.Ordinal) : word;

    private static bool IsBlank(char character) => character is ' ' or '\t' or '\n' or '\r';
}
