// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Process.Signals;
using Kernel.Process.Tree;
using Ostd.Time;

namespace Kernel.Process.Threads;

/// <summary>
/// RLIMIT_CPU: SIGXCPU when the soft limit is reached and each second after it, SIGKILL at the hard one. The processes are looked at ten times a second while there is one with a limit, and not at all otherwise.
/// </summary>
[Component]
public sealed class CpuTimeLimits : ICpuTimeLimits
{
    private const long PeriodNs = 100_000_000;
    private const long SecondNs = 1_000_000_000;

    private readonly ProcessTable _table;
    private readonly SignalService _signals;
    private readonly Ostd.Time.Timer _timer;
    private int _isWatching;

    public CpuTimeLimits(ProcessTable table, SignalService signals)
    {
        _table = table;
        _signals = signals;
        _timer = new Ostd.Time.Timer(static state => ((CpuTimeLimits)state!).Look(), this);
    }

    public void Watch()
    {
        if (Interlocked.Exchange(ref _isWatching, 1) == 0)
            _timer.Arm(Clock.MonotonicNs + PeriodNs);
    }

    private void Look()
    {
        // Cleared first: a limit set while we look arms the timer anew.
        Volatile.Write(ref _isWatching, 0);
        var isAny = false;
        foreach (var process in _table.Processes)
        {
            var soft = process.Limits.Soft(ResourceKind.CpuTime);
            var hard = process.Limits.Hard(ResourceKind.CpuTime);
            if (soft == ResourceLimits.Infinity && hard == ResourceLimits.Infinity)
                continue;
            isAny = true;
            var times = process.Times;
            Check((UserProcess)process, times.UserNs + times.KernelNs, soft, hard);
        }

        if (isAny)
            Watch();
    }

    private void Check(UserProcess process, long usedNs, ulong soft, ulong hard)
    {
        var usedSeconds = (ulong)(usedNs / SecondNs);
        if (usedSeconds >= hard)
        {
            _signals.SendToProcess(process, SignalInfo.FromKernel(Signal.SIGKILL));
            return;
        }

        // Once per second of CPU time above the soft limit.
        if (usedSeconds >= soft && usedSeconds >= process.NextCpuSignalSeconds)
        {
            process.NextCpuSignalSeconds = usedSeconds + 1;
            _signals.SendToProcess(process, SignalInfo.FromKernel(Signal.SIGXCPU));
        }
    }
}
