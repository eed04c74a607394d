// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Tty;

/// <summary>/dev/console: the terminal that <c>console=</c> names, without becoming anybody's controlling terminal (man 4 console).</summary>
[CharacterDevice("console", 5, 1, Mode = 0x180)]
public sealed class ConsoleDevice(TerminalFactory factory) : ICharacterDevice
{
    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread)
        => factory.ConsoleTerminal is { } terminal ? terminal.OpenAs(node, flags, thread, isConsole: true) : Errno.ENODEV;
}
