// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Terminals;

namespace Kernel.Syscalls;

/// <summary>vhangup(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class HangUps
{
    /// <summary>Hangs up the caller's controlling terminal, if it has one.</summary>
    /// <returns>EPERM without CAP_SYS_TTY_CONFIG.</returns>
    [Syscall("vhangup", Flags = "vhangup();")]
    public Errno HangUp(SyscallContext context)
    {
        if (!context.Thread.Credentials.HasCapability(Capability.CAP_SYS_TTY_CONFIG))
        {
            return Errno.EPERM;
        }

        (context.Process.ControllingTerminal as ITerminalLine)?.HangUp();
        return Errno.Success;
    }
}
