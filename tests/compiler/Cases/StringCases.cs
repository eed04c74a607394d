// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;

namespace Asterion.Compiler.Cases;

/// <summary>Strings and StringBuilder.</summary>
internal static class StringCases
{
    internal static void Constructors(Output o)
    {
        o.Line(new string('x', 3));
        o.Line(new string(['a', 'b', 'c'], 1, 2));
        o.Line(new string("span".AsSpan(1)));
        o.Line(new string('x', 0).Length);
        o.Throws(() => _ = new string('x', -1));
        o.Line(string.Create(4, 7, (span, start) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = (char)('0' + start - i);
            }
        }));
        o.Line(ReferenceEquals(new string([]), string.Empty));
    }

    internal static void Comparison(Output o)
    {
        string[] words = ["a", "A", "b", "", "aa", "\u00e9", "Z"];
        foreach (string word in words)
        {
            o.ForEach(word, words, w => $"{Math.Sign(string.CompareOrdinal(word, w))}{word.Equals(w, StringComparison.OrdinalIgnoreCase)}");
        }

        o.Line(string.Compare("abc", 1, "xbc", 1, 2, StringComparison.Ordinal));
        o.Line(string.Equals(null, null));
        o.Line("a".CompareTo(null));
        Array.Sort(words, StringComparer.Ordinal);
        o.Line(string.Join(",", words));
    }

    internal static void Searching(Output o)
    {
        string text = "the quick brown the fox";
        o.Line(text.IndexOf("the", StringComparison.Ordinal));
        o.Line(text.IndexOf("the", 1, StringComparison.Ordinal));
        o.Line(text.LastIndexOf("the", StringComparison.Ordinal));
        o.Line(text.IndexOf('q', 5));
        o.Line(text.IndexOfAny(['x', 'q']));
        o.Line(text.Contains("BROWN", StringComparison.OrdinalIgnoreCase));
        o.Line(text.StartsWith("the", StringComparison.Ordinal));
        o.Line(text.EndsWith('x'));
        o.Line(text.IndexOf("", StringComparison.Ordinal));
        o.Throws(() => text.IndexOf('x', 100));
        o.Line(text.IndexOf("missing", StringComparison.Ordinal));
    }

    internal static void Changing(Output o)
    {
        string text = "  Some Text  ";
        o.Line(text.Trim() + "|" + text.TrimStart() + "|" + text.TrimEnd() + "|");
        o.Line(text.ToUpperInvariant());
        o.Line(text.Replace("e", "<e>", StringComparison.Ordinal).Replace(' ', '_'));
        o.Line(text.Insert(3, "xyz"));
        o.Line(text.Remove(4, 3));
        o.Line(text.Substring(2, 4));
        o.Line("7".PadLeft(3, '0') + "7".PadRight(3, '.') + "|");
        o.Line(text.Replace("m", null, StringComparison.Ordinal));
        o.Throws(() => text.Substring(5, 20));
        o.Throws(() => text.Replace("", "x", StringComparison.Ordinal));
    }

    internal static void SplittingAndJoining(Output o)
    {
        o.Line(string.Join("|", "a,b,,c".Split(',')));
        o.Line(string.Join("|", "a,b,,c".Split(',', StringSplitOptions.RemoveEmptyEntries)));
        o.Line(string.Join("|", " a ; b ".Split(';', StringSplitOptions.TrimEntries)));
        o.Line(string.Join("|", "a--b-c".Split("--")));
        o.Line(string.Join("|", "a b c d".Split(' ', 2)));
        o.Line("".Split(',').Length);
        o.Line(string.Join(", ", new object[] { 1, null, "x" }));
        o.Line(string.Concat("a", null, "b"));
        o.Line(string.Join('-', new List<int> { 1, 2 }));
    }

    internal static void Concatenations(Output o)
    {
        string a = "a", none = null;
        object five = 5;
        char c = 'c';
        o.Line(a + a);
        o.Line(a + none + a + five + c + 1.5 + true);
        o.Line(none + none == "");
        string loop = "";
        for (int i = 0; i < 10; i++)
        {
            loop += i;
        }

        o.Line(loop);
        loop += loop.Length + loop;
        o.Line(loop);
        o.Line(a + 'b' + 'c' + 1 + 2 + (1 + 2));
    }

    internal static void Literals(Output o)
    {
        o.Line("tab\tquote\"backslash\\nul\0end".Length);
        o.Line(@"verbatim ""quoted"" \n".Length);
        o.Line("\u00e4\x41\U0001F600".Length);
        o.Line((int)"\U0001F600"[0]);
        o.Line("""
            raw
              text
            """.Replace("\r", "").Replace("\n", "/"));
        o.Line(ReferenceEquals("same", "sa" + "me"));
        ReadOnlySpan<byte> utf8 = "h\u00e4"u8;
        o.Line(utf8.Length);
    }

    internal static void Characters(Output o)
    {
        foreach (char c in "aZ5 _\u00df\u0130\n\ud800")
        {
            o.Line($"{char.IsLetter(c)} {char.IsDigit(c)} {char.IsWhiteSpace(c)} {char.IsUpper(c)} {char.IsPunctuation(c)} {char.IsSurrogate(c)} {(int)char.ToUpperInvariant(c)} {(int)char.GetUnicodeCategory(c)}");
        }

        o.Line(char.GetNumericValue('7').ToString());
        o.Line(char.ConvertFromUtf32(0x1F600).Length);
        o.Line(char.ConvertToUtf32("\U0001F600", 0));
        o.Throws(() => char.ConvertToUtf32("a\ud800", 1));
        o.Line(char.IsAsciiHexDigit('g'));
    }

    internal static void Runes(Output o)
    {
        foreach (Rune rune in "a\U0001F600\ud800z".EnumerateRunes())
        {
            o.Line($"{rune.Value:x} {rune.Utf8SequenceLength} {Rune.IsLetter(rune)}");
        }

        o.Line(Rune.TryCreate(0xd800, out _));
        o.Throws(() => _ = new Rune(0x110000));
    }

    internal static void HashCodes(Output o)
    {
        string text = "hash";
        o.Line(text.GetHashCode() == new string(text).GetHashCode());
        o.Line(string.GetHashCode("HASH", StringComparison.OrdinalIgnoreCase) == string.GetHashCode("hash", StringComparison.OrdinalIgnoreCase));
        o.Line(StringComparer.OrdinalIgnoreCase.Equals("HASH", text));
        var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "x", "X", "y" };
        o.Line(set.Count);
    }

    internal static void BuilderGrows(Output o)
    {
        var builder = new StringBuilder(2);
        for (int i = 0; i < 300; i++)
        {
            builder.Append(i % 10);
        }

        builder.Insert(150, "<middle>").Remove(0, 140).Replace("9", "nine", 0, 30);
        o.Line(builder.ToString());
        o.Line(builder.Length);
        builder.Length = 5;
        o.Line(builder.ToString());
        builder.Clear();
        o.Line(builder.Length);
    }

    internal static void BuilderAppendsEverything(Output o)
    {
        var builder = new StringBuilder();
        builder.Append(1).Append('c').Append(2.5).Append(true).Append("text").Append((object)null).Append('x', 3).Append(-1L).Append(1.10m);
        builder.AppendLine().AppendFormat("{0:X2}-{1,4}-{0}", 255, "r").AppendJoin(';', [1, 2]).Append($"{1 + 1:D3}");
        builder.Append("sub string", 4, 3).Append(['a', 'b']).Append("span".AsSpan(2));
        builder[0] = '#';
        o.Line(builder.ToString().Replace("\n", "/"));
        o.Line(builder[1].ToString());
        o.Throws(() => _ = builder[1000]);
        o.Throws(() => builder.Insert(-1, "x"));
        o.Line(builder.Equals(new StringBuilder(builder.ToString())));
    }

    internal static void CompositeFormats(Output o)
    {
        o.Line(string.Format("{0} {1:F1} {0,5} {2:x}", 1, 2.25, 255));
        o.Line(string.Format(CultureInfo.InvariantCulture, "{{{0}}}", "braces"));
        o.Throws(() => string.Format("{1}", 0));
        o.Throws(() => string.Format("{0", 0));
        o.Line(new[] { 1, 2 }.Aggregate("", (text, v) => $"{text}[{v}]"));
    }
}
