// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;

namespace Kernel.Tty;

/// <summary>Access of background process groups to their controlling terminal (POSIX.1-2017 11.1.4).</summary>
internal static class JobControl
{
    /// <summary>Whether the thread may read (SIGTTIN) or write or change (SIGTTOU) the terminal; if it may not, the signal has been sent to its group.</summary>
    /// <returns>Success; EIO for an orphaned group or an ignored SIGTTIN; a restart after the stop.</returns>
    public static Errno Check(Terminal terminal, TerminalServices services, IThread? thread, Signal signal)
    {
        if (thread is null || !ReferenceEquals(thread.Process.ControllingTerminal, terminal))
        {
            return Errno.Success;
        }

        var group = thread.Process.ProcessGroupId;
        var foreground = terminal.ForegroundGroupId;
        if (foreground == 0 || foreground == group)
        {
            return Errno.Success;
        }

        if (services.Signals.IsBlockedOrIgnored(thread, signal))
        {
            return signal == Signal.SIGTTIN ? Errno.EIO : Errno.Success;
        }

        if (services.Signals.IsOrphaned(group))
        {
            return Errno.EIO;
        }

        services.Signals.SendToGroup(group, SignalInfo.FromKernel(signal));
        return Errno.RestartIfHandlerAllows;
    }
}
