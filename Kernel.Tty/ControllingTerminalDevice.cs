// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Tty;

/// <summary>/dev/tty: the controlling terminal of whoever opens it (man 4 tty).</summary>
[CharacterDevice("tty", 5, 0)]
public sealed class ControllingTerminalDevice : ICharacterDevice
{
    /// <inheritdoc/>
    /// <returns>ENXIO for a process without a controlling terminal.</returns>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread)
        => thread?.Process.ControllingTerminal is { } terminal ? terminal.Open(node, flags, thread) : Errno.ENXIO;
}
