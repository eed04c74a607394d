// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Process.Signals;
using Kernel.Process.Tree;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Process.Exits;

/// <summary>wait4(2) and waitid(2).</summary>
[Component]
public sealed class WaitService(ProcessTable table, ExitService exits) : IWaitService
{
    /// <summary>One call under way: what it looks for, and what it found.</summary>
    private sealed class Request(UserProcess process, WaitTarget target, int id, WaitOptions options)
    {
        public readonly UserProcess Process = process;
        public readonly WaitTarget Target = target;
        public readonly int Id = id;
        public readonly WaitOptions Options = options;
        public WaitOutcome Outcome;
        public bool HasCandidates;
    }

    public Result<WaitOutcome> Wait(IThread caller, WaitTarget target, int id, WaitOptions options)
    {
        var process = ((UserThread)caller).UserProcess;
        var request = new Request(process, target, id, options);
        if (Search(request))
            return Finish(request);
        if (!request.HasCandidates)
            return Errno.ECHILD;
        if ((options & WaitOptions.WNOHANG) != 0)
            return default(WaitOutcome);

        // Children that another thread reaps meanwhile end the wait as well.
        var result = process.ChildQueue.WaitInterruptible((this, request), static s => s.Item1.Search(s.request) || !s.request.HasCandidates);
        if (result == WaitResult.Interrupted)
            return Errno.RestartIfHandlerAllows;
        return request.HasCandidates ? Finish(request) : Errno.ECHILD;
    }

    public ProcessUsage GetUsage(IProcess process, bool ofChildren)
    {
        var target = (UserProcess)process;
        var memory = ofChildren ? default : target.MemoryUsage();
        using var guard = table.Lock.Acquire();
        return ofChildren ? target.ChildrenUsage : target.ThreadUsageLocked() + memory;
    }

    public ProcessUsage GetUsage(IThread thread) => ((UserThread)thread).Usage + new ProcessUsage(0, 0, ((UserThread)thread).UserProcess.MemoryUsage().PeakResidentBytes, 0, 0, 0, 0);

    private static Result<WaitOutcome> Finish(Request request) => request.Outcome;

    /// <summary>Looks at all children once; takes the state change that it reports, unless WNOWAIT.</summary>
    private bool Search(Request request)
    {
        using var guard = table.Lock.Acquire();
        request.HasCandidates = false;
        for (var child = request.Process.FirstChild; child is not null; child = child.NextSibling)
        {
            if (!Matches(request, child))
                continue;
            request.HasCandidates = true;
            if (TryReportLocked(request, child))
                return true;
        }

        return false;
    }

    private static bool Matches(Request request, UserProcess child)
    {
        var isMatch = request.Target switch
        {
            WaitTarget.P_PID => child.Pid == request.Id,
            WaitTarget.P_PGID => child.ProcessGroupId == request.Id,
            _ => true,
        };
        if (!isMatch)
            return false;

        // man 2 wait4, Linux notes: a "clone" child reports with another signal than SIGCHLD, or none.
        if ((request.Options & WaitOptions.__WALL) != 0)
            return true;
        return (child.ExitSignal != (int)Signal.SIGCHLD) == ((request.Options & WaitOptions.__WCLONE) != 0);
    }

    private bool TryReportLocked(Request request, UserProcess child)
    {
        var isKept = (request.Options & WaitOptions.WNOWAIT) != 0;
        if (child.IsZombie)
        {
            if ((request.Options & WaitOptions.WEXITED) == 0)
                return false;
            var status = child.ExitStatus;
            request.Outcome = WaitStatus.IsExit(status)
                ? Describe(child, SignalService.ChildExited, WaitStatus.ExitCode(status), status)
                : Describe(child, SignalService.ChildKilled, WaitStatus.TerminatingSignal(status), status);
            if (!isKept)
            {
                using var reserve = HeapReserve.Enter();
                exits.ReapLocked(child, isAccounted: true);
            }

            return true;
        }

        if (child.IsStopped && child.HasUnreportedStop && (request.Options & WaitOptions.WSTOPPED) != 0)
        {
            request.Outcome = Describe(child, SignalService.ChildStopped, (int)child.StopSignal, WaitStatus.Stopped((int)child.StopSignal));
            child.HasUnreportedStop &= isKept;
            return true;
        }

        if (child.HasUnreportedContinue && (request.Options & WaitOptions.WCONTINUED) != 0)
        {
            request.Outcome = Describe(child, SignalService.ChildContinued, (int)Signal.SIGCONT, WaitStatus.Continued);
            child.HasUnreportedContinue &= isKept;
            return true;
        }

        return false;
    }

    private static WaitOutcome Describe(UserProcess child, int code, int status, int waitStatus) =>
        new(child.Pid, child.Main.Credentials.RealUid, code, status, waitStatus, child.ThreadUsageLocked() + child.ChildrenUsage);
}
