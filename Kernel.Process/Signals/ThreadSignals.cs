// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Kernel.Process.Tree;

namespace Kernel.Process.Signals;

/// <summary>Mask, alternate stack and pending signals of one thread. The process table's lock guards the mask and the queue.</summary>
internal sealed class ThreadSignals(UserThread thread) : ISignalState
{
    private PollQueue? _arrivals;
    private SignalSet _maskToRestore;
    private bool _hasMaskToRestore;

    /// <summary>The blocked signals, without the lock.</summary>
    internal SignalSet Mask { get; private set; }

    /// <summary>Signals for this thread alone.</summary>
    internal PendingSignals OwnPending { get; } = new();

    public AlternateSignalStack AlternateStack { get; set; } = AlternateSignalStack.Disabled;

    // SS_AUTODISARM: the stack is forgotten while a handler runs, so it is never "on".
    public bool IsOnAlternateStack =>
        AlternateStack.IsEnabled && (AlternateStack.Flags & AlternateSignalStack.SS_AUTODISARM) == 0 && AlternateStack.Contains(thread.Context.StackPointer);

    public SignalSet Blocked
    {
        get => Mask;
        set
        {
            using var guard = thread.Table.Lock.Acquire();
            SetMaskLocked(value);
        }
    }

    public SignalSet Pending
    {
        get
        {
            using var guard = thread.Table.Lock.Acquire();
            return OwnPending.Set | thread.UserProcess.Pending.Set;
        }
    }

    public PollQueue Arrivals => _arrivals ?? Interlocked.CompareExchange(ref _arrivals, new PollQueue(), null) ?? _arrivals;

    public void BlockTemporarily(SignalSet blocked)
    {
        using var guard = thread.Table.Lock.Acquire();
        if (!_hasMaskToRestore)
        {
            _maskToRestore = Mask;
            _hasMaskToRestore = true;
        }

        SetMaskLocked(blocked);
    }

    public bool TryDequeue(SignalSet set, out SignalInfo info)
    {
        using var guard = thread.Table.Lock.Acquire();
        return TryTakeLocked(set, out info);
    }

    internal bool TryTakeLocked(SignalSet set, out SignalInfo info)
    {
        // Signals of the fault under way before anything that others sent.
        if (OwnPending.TryTake(set & PendingSignals.Synchronous, out info))
            return true;
        return OwnPending.TryTake(set, out info) || thread.UserProcess.Pending.TryTake(set, out info);
    }

    internal void SetMaskLocked(SignalSet mask)
    {
        Mask = mask & ~SignalSet.Unblockable;
        thread.RecalculateInterruptLocked();

        // A signal of the process that this thread no longer takes must find another.
        if (!(thread.UserProcess.Pending.Set & Mask).IsEmpty)
        {
            foreach (var other in thread.UserProcess.LiveThreads)
                other.RecalculateInterruptLocked();
        }
    }

    /// <summary>The mask that a handler's frame saves: the one before a temporary mask, if there is one.</summary>
    internal SignalSet TakeMaskForFrameLocked()
    {
        var mask = _hasMaskToRestore ? _maskToRestore : Mask;
        _hasMaskToRestore = false;
        return mask;
    }

    /// <summary>No handler ran: the temporary mask ends with the call.</summary>
    internal void RestoreTemporaryMask()
    {
        if (!_hasMaskToRestore)
            return;
        using var guard = thread.Table.Lock.Acquire();
        _hasMaskToRestore = false;
        SetMaskLocked(_maskToRestore);
    }

    /// <summary>The mask of a forked thread.</summary>
    internal void InheritMask(SignalSet mask) => Mask = mask;

    /// <summary>A signal has been queued: signalfd and rt_sigtimedwait want to know. Under the table's lock; observers neither sleep nor take it.</summary>
    internal void NotifyArrival() => Volatile.Read(ref _arrivals)?.Notify(PollEvents.Readable);
}
