// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Linq;

namespace Asterion.Generators.Scml;

/// <summary>
/// Parses the System Call Matching Language: system call rules <c>open(path, flags = O_RDONLY | &lt;more&gt;, ..);</c>, bitflag rules
/// <c>more = O_CREAT;</c> and struct rules <c>struct pollfd = { events = POLLIN, .. };</c>.
/// </summary>
internal sealed class ScmlParser
{
    private readonly List<ScmlToken> _tokens;
    private readonly Dictionary<string, IReadOnlyList<string>> _named = [];
    private readonly List<ScmlRule> _rules = [];
    private int _position;

    private ScmlParser(string text) => _tokens = ScmlLexer.Split(text);

    private ScmlToken Current => _tokens[_position];

    /// <summary>The rules of a declaration.</summary>
    /// <exception cref="FormatException">It does not parse; the message says why.</exception>
    public static IReadOnlyList<ScmlRule> Parse(string text)
    {
        var parser = new ScmlParser(text);
        while (parser.Current.Kind != ScmlTokenKind.End)
            parser.ParseStatement();
        return parser._rules;
    }

    /// <summary>What is wrong with the declaration of one system call, or null.</summary>
    public static string? Check(string syscall, string text)
    {
        try
        {
            var rules = Parse(text);
            if (rules.Count == 0)
                return "there is no rule";
            var other = rules.FirstOrDefault(r => r.Syscall != syscall);
            return other is null ? null : $"a rule is for '{other.Syscall}'";
        }
        catch (FormatException exception)
        {
            return exception.Message;
        }
    }

    private void ParseStatement()
    {
        var name = Name("a rule");
        if (name == "struct" && Current.Kind == ScmlTokenKind.Name)
        {
            var structName = Name("a struct's name");
            Expect("=");
            Merge(structName, ParseStruct());
        }
        else if (Accept("="))
        {
            Merge(name, ParsePattern());
        }
        else
        {
            Expect("(");
            _rules.Add(new ScmlRule(name, ParseArguments(")")));
        }

        Expect(";");
    }

    /// <summary>Several rules may have one name: each adds what it allows.</summary>
    private void Merge(string name, IReadOnlyList<string> flags)
        => _named[name] = _named.TryGetValue(name, out var known) ? [.. known, .. flags] : flags;

    private List<ScmlArgument> ParseArguments(string close)
    {
        var arguments = new List<ScmlArgument>();
        while (!Accept(close))
        {
            if (Current.Kind == ScmlTokenKind.Wildcard)
            {
                _position++;
                Expect(close);
                return arguments;
            }

            var name = Name("an argument");
            arguments.Add(new ScmlArgument(name, Accept("=") ? ParsePattern() : []));
            if (!Accept(","))
            {
                Expect(close);
                break;
            }
        }

        return arguments;
    }

    private List<string> ParsePattern()
    {
        var flags = new List<string>();
        do
        {
            if (Current.Kind == ScmlTokenKind.Punctuation && Current.Text == "{")
            {
                flags.AddRange(ParseStruct());
            }
            else if (Accept("["))
            {
                flags.AddRange(ParsePattern());
                Expect("]");
            }
            else if (Accept("<"))
            {
                var reference = Name("a rule's name");
                Expect(">");
                if (_named.TryGetValue(reference, out var known))
                    flags.AddRange(known);
                else if (reference is not ("PATH" or "INTEGER"))
                    throw new FormatException($"there is no rule <{reference}>");
            }
            else
            {
                flags.Add(Name("a flag"));
            }
        }
        while (Accept("|"));
        return flags;
    }

    private List<string> ParseStruct()
    {
        Expect("{");
        return ParseArguments("}").SelectMany(a => a.Flags).ToList();
    }

    private string Name(string what)
    {
        if (Current.Kind != ScmlTokenKind.Name)
            throw new FormatException($"expected {what}, found '{Current.Text}'");
        return _tokens[_position++].Text;
    }

    private void Expect(string text)
    {
        if (!Accept(text))
            throw new FormatException($"expected '{text}', found '{Current.Text}'");
    }

    private bool Accept(string text)
    {
        if (Current.Kind != ScmlTokenKind.Punctuation || Current.Text != text)
            return false;
        _position++;
        return true;
    }
}
