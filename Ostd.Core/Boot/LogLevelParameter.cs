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
        foreach (ReadOnlySpan<char> word in new CommandLineWords(commandLine))
        {
            if (word is "quiet")
            {
                Log.ConsoleLevel = (LogLevel)(QuietLevel - 1);
            }
            else if (word is "debug")
            {
                Log.ConsoleLevel = (LogLevel)(DebugLevel - 1);
            }
            else if (CommandLineWords.TryGetValue(word, LevelPrefix, out ReadOnlySpan<char> level) && level.Length == 1 && char.IsAsciiDigit(level[0]))
            {
                Log.ConsoleLevel = (LogLevel)(level[0] - '0' - 1);
            }
        }
    }
}
