// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Logging;

namespace Ostd.Boot;

/// <summary>
/// The words of the command line that say how much of the log goes to the console, with Linux's meaning: <c>loglevel=N</c> shows what is more severe than N, <c>quiet</c> is
/// <c>loglevel=4</c>, <c>debug</c> is <c>loglevel=10</c>. Read here, because the log speaks before there are components.
/// </summary>
internal static class LogLevelParameter
{
    private const int QuietLevel = 4;
    private const int DebugLevel = 10;
    private const string LevelPrefix = "loglevel=";

    public static void Apply(string commandLine)
    {
        ReadOnlySpan<char> rest = commandLine;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOf(' ');
            ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (word is "--")
            {
                return; // what follows belongs to init
            }

            if (word is "quiet")
            {
                Log.ConsoleLevel = (LogLevel)(QuietLevel - 1);
            }
            else if (word is "debug")
            {
                Log.ConsoleLevel = (LogLevel)(DebugLevel - 1);
            }
            else if (word.StartsWith(LevelPrefix, StringComparison.Ordinal) && word.Length == LevelPrefix.Length + 1 && char.IsAsciiDigit(word[^1]))
            {
                Log.ConsoleLevel = (LogLevel)(word[^1] - '0' - 1);
            }
        }
    }
}
