// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Signals;
using Kernel.Process.Signals;
using Kernel.Process.Threads;
using Kernel.Process.Tree;
using Ostd.Logging;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Process.Exits;

/// <summary>
/// Who dies when memory is exhausted: the process that holds most of it, not the one that happens to fault (man 5 proc, oom_score). One victim at a time: between the kill and the release of
/// its memory others run and fault too, and they wait for that memory instead of dying as well.
/// </summary>
/// <remarks>
/// The victim is guarded by the lock of the process table. Who waits holds nothing: it comes from a fault in user mode, at the bottom of its kernel stack, so that the victim can always finish.
/// </remarks>
[Component]
public sealed class OutOfMemoryKiller(ProcessTable table, SignalService signals)
{
    private readonly WaitQueue _waiters = new();
    private UserProcess? _victim;

    /// <summary>For a thread whose user-mode fault found no memory. When it returns, the access may be tried again, unless the thread itself is to die or has a signal.</summary>
    internal void MakeRoom(UserThread thread)
    {
        UserProcess victim;
        var isNew = false;
        using (table.Lock.Acquire())
        {
            if (thread.IsDying)
                return;
            if (_victim is null)
            {
                _victim = table.FindLargestLocked() ?? thread.UserProcess;
                isNew = !_victim.IsExiting;
                signals.BeginExitLocked(_victim, (int)Signal.SIGKILL);
            }

            victim = _victim;
        }

        if (isNew)
            Log.Write(LogLevel.Error, $"Out of memory ({PhysicalMemory.FreePages} pages free): killed process {victim}");
        if (!ReferenceEquals(victim, thread.UserProcess))
            _waiters.WaitInterruptible((this, victim), static wait => !wait.Item1.IsVictim(wait.victim));
    }

    /// <summary>The process has released its memory.</summary>
    internal void OnReleasedLocked(UserProcess process)
    {
        if (!ReferenceEquals(_victim, process))
            return;
        _victim = null;
        _waiters.WakeAll();
    }

    private bool IsVictim(UserProcess process)
    {
        using var guard = table.Lock.Acquire();
        return ReferenceEquals(_victim, process);
    }
}
