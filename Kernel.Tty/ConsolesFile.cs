// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Tty;

/// <summary>
/// /proc/consoles (man 5 proc; Documentation/filesystems/proc.rst, "consoles"): the terminal behind /dev/console, and the serial line, which the kernel's messages go to whatever <c>console=</c> says.
/// </summary>
[PseudoFile("/proc/consoles", Stage = InitStage.Late)]
public sealed class ConsolesFile(TerminalFactory factory) : IPseudoFile
{
    private const string MessageLine = "ttyS0";
    private const int NameWidth = 20;

    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        var console = factory.ConsoleTerminal;
        if (console is not null)
        {
            Write(writer, console, isConsole: true);
        }

        foreach (var terminal in factory.Terminals)
        {
            if (terminal != console && terminal.Name == MessageLine)
            {
                Write(writer, terminal, isConsole: false);
            }
        }

        return Errno.Success;
    }

    // The kernel writes, and reads nothing. Flags: enabled, /dev/console, boot console, gets messages, Braille, usable while its CPU is not.
    private static void Write(PseudoFileWriter writer, Terminal terminal, bool isConsole)
    {
        writer.Append(terminal.Name.PadRight(NameWidth)).Append(" -W- (E").Append(isConsole ? "C" : " ").Append(terminal.Name == MessageLine ? " p a" : "    ").Append(") ")
            .AppendPadded(terminal.Number.Major, 4).Append(':').Append(terminal.Number.Minor).Append('\n');
    }
}
