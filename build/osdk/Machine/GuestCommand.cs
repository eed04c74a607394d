// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Linq;
using System.Text;

namespace Asterion.Osdk.Machine;

/// <summary>Writes a command as a step that init runs.</summary>
internal static class GuestCommand
{
    /// <summary>A step that becomes the command.</summary>
    /// <param name="settings">The machine, which has a shell or not.</param>
    /// <param name="folder">The folder to run it in.</param>
    /// <param name="command">The program, and its arguments.</param>
    public static string Step(MachineSettings settings, string folder, IReadOnlyList<string> command)
        => settings.HasShell ? $"#!/bin/sh\ncd {Quote(folder)} && exec {string.Join(' ', command.Select(Quote))}\n" : Words("", folder, command);

    /// <summary>
    /// A step that becomes a command that a person gave. A program that doesn't exist is told to osdk in a frame and not in the command's output; the status is the shell's (127).
    /// </summary>
    /// <param name="settings">The machine, which has a shell or not.</param>
    /// <param name="token">The token of this boot's frames.</param>
    /// <param name="command">The program, and its arguments.</param>
    public static string NamedStep(MachineSettings settings, string token, IReadOnlyList<string> command)
    {
        if (!settings.HasShell)
        {
            return Words(token, "/root", command);
        }
        string program = Quote(command[0]);
        var script = new StringBuilder("#!/bin/sh\n");
        script.Append("if ! command -v -- ").Append(program).Append(" >/dev/null; then\n");
        script.Append("    printf '\\036osdk:").Append(token).Append(":missing:%s\\n' ").Append(program).Append("\n    exit 127\nfi\n");
        script.Append("exec ").AppendJoin(' ', command.Select(Quote)).Append('\n');
        return script.ToString();
    }

    // What build/userland/step.c reads.
    private static string Words(string token, string folder, IReadOnlyList<string> command) => $"#!/bin/step\n{token}\0{folder}\0{string.Concat(command.Select(word => word + '\0'))}";

    private static string Quote(string word) => "'" + word.Replace("'", "'\\''") + "'";
}
