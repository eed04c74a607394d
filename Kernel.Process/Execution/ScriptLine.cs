// SPDX-License-Identifier: MPL-2.0
using System;

namespace Kernel.Process.Execution;

/// <summary>The first line of an interpreter script (man 2 execve, "Interpreter scripts").</summary>
internal static class ScriptLine
{
    /// <summary>How much of the file is looked at (BINPRM_BUF_SIZE).</summary>
    public const int MaximumLength = 256;

    public static bool IsScript(ReadOnlySpan<byte> start) => start.StartsWith("#!"u8);

    /// <summary>Finds the interpreter and its one optional argument (all of the rest of the line).</summary>
    /// <param name="start">The first bytes of the file, at most <see cref="MaximumLength"/>.</param>
    /// <returns>False when there is no interpreter, or its name does not fit (ENOEXEC).</returns>
    public static bool TryParse(ReadOnlySpan<byte> start, out ReadOnlySpan<byte> interpreter, out ReadOnlySpan<byte> argument)
    {
        interpreter = argument = default;
        var line = start[2..];
        var end = line.IndexOf((byte)'\n');
        var isWhole = end >= 0 || start.Length < MaximumLength;
        if (end >= 0)
            line = line[..end];
        var nul = line.IndexOf((byte)0);
        if (nul >= 0)
            line = line[..nul];
        line = line.TrimStart(" \t"u8);
        var space = line.IndexOfAny((byte)' ', (byte)'\t');

        // A line that the buffer cuts off is good if at least the name is whole; the argument is then cut.
        if (!isWhole && nul < 0 && space < 0)
            return false;
        line = line.TrimEnd(" \t"u8);
        if (line.IsEmpty)
            return false;
        space = line.IndexOfAny((byte)' ', (byte)'\t');
        interpreter = space < 0 ? line : line[..space];
        argument = space < 0 ? default : line[space..].TrimStart(" \t"u8);
        return true;
    }
}
