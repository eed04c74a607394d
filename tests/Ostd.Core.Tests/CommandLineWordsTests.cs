// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Ostd.Boot;
using Xunit;

namespace Ostd.Core.Tests;

/// <summary>Which words of the command line are the kernel's.</summary>
public sealed class CommandLineWordsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("quiet", "quiet")]
    [InlineData("a b=1  c ", "a|b=1||c")]
    [InlineData("a -- b", "a")]
    [InlineData("-- heap.limit=1M", "")]
    [InlineData("a --b c", "a|--b|c")]
    public void Words_EndWhereInitsBegin(string commandLine, string expected)
    {
        var words = new List<string>();
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
            words.Add(word.ToString());

        Assert.Equal(expected, string.Join('|', words));
    }

    [Theory]
    [InlineData("loglevel=7", true, "7")]
    [InlineData("loglevel=", true, "")]
    [InlineData("loglevel", false, "")]
    [InlineData("xloglevel=7", false, "")]
    public void TryGetValue_TakesWhatFollowsTheName(string word, bool matches, string expected)
    {
        Assert.Equal(matches, CommandLineWords.TryGetValue(word, "loglevel=", out var value));
        Assert.Equal(expected, value.ToString());
    }
}
