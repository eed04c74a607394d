// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;

namespace Kernel.Tty;

/// <summary>Hang-ups (man 2 vhangup; POSIX.1-2017 11.1.10).</summary>
internal sealed partial class Terminal
{
    public void HangUp()
    {
        var (session, _) = Disconnect(killsFiles: true);
        if (session != 0)
        {
            _services.Sessions.OnTerminalLost(this, session, isHangUp: true);
        }
    }

    public void OnSessionLeaderExit()
    {
        // A pseudo-terminal goes on: the program at its master decides when the line is cut.
        var (_, group) = Disconnect(killsFiles: !_isPseudo);
        if (group != 0)
        {
            _services.Signals.SendToGroup(group, SignalInfo.FromKernel(Signal.SIGHUP));
        }
    }

    /// <summary>Takes the session's terminal away from it.</summary>
    /// <returns>The session and the foreground group that there were.</returns>
    private (int Session, int Group) Disconnect(bool killsFiles)
    {
        int session, group;
        var resumes = false;
        using (_lock.Acquire())
        {
            session = _sessionId;
            group = _foregroundGroupId;
            _sessionId = _foregroundGroupId = 0;
            if (killsFiles)
            {
                Volatile.Write(ref _hangUpCount, _hangUpCount + 1);
                _discipline.FlushInput();
                _discipline.Echo.Clear();
                _discipline.SetOutputStopped(false);
                _ = CarryOutLocked();
                _driver.FlushOutput();

                // There is room for input again, and no reader who could tell the driver.
                resumes = _isInputRefused;
                _isInputRefused = false;
            }
        }

        if (killsFiles)
        {
            Queue.Notify(PollEvents.POLLHUP | PollEvents.POLLERR | PollEvents.Readable | PollEvents.Writable);
        }

        if (resumes)
        {
            _driver.ResumeInput();
        }

        return (session, group);
    }
}
