// SPDX-License-Identifier: MPL-2.0
using System.Numerics;
using Kernel.Abstractions.Signals;

namespace Kernel.Process.Signals;

/// <summary>Signals that wait to be delivered, with what they carry, oldest first. Guarded by the process table's lock.</summary>
internal sealed class PendingSignals
{
    private Entry? _first;
    private Entry? _last;

    private sealed class Entry(SignalInfo info)
    {
        public readonly SignalInfo Info = info;
        public Entry? Next;
    }

    /// <summary>Signals that raise themselves: they are delivered before all others (man 7 signal), so that a handler sees the registers of the fault.</summary>
    public static SignalSet Synchronous { get; } = SignalSet.Of(Signal.SIGSEGV) | SignalSet.Of(Signal.SIGBUS) | SignalSet.Of(Signal.SIGILL)
        | SignalSet.Of(Signal.SIGTRAP) | SignalSet.Of(Signal.SIGFPE) | SignalSet.Of(Signal.SIGSYS);

    /// <summary>The signals that are pending.</summary>
    public SignalSet Set { get; private set; }

    /// <summary>Queued real-time signals, for RLIMIT_SIGPENDING.</summary>
    public int QueuedCount { get; private set; }

    /// <summary>Adds a signal. A standard signal that is pending already is not queued again (man 7 signal, "Queueing and delivery semantics").</summary>
    /// <param name="limit">How many entries there may be (RLIMIT_SIGPENDING); standard signals always have room.</param>
    /// <returns>False when the queue is full: sigqueue(3) then answers EAGAIN.</returns>
    public bool Add(in SignalInfo info, ulong limit = ulong.MaxValue)
    {
        if (info.Signal < Signal.SIGRTMIN)
        {
            if (Set.Contains(info.Signal))
                return true;
        }
        else if ((ulong)QueuedCount >= limit)
        {
            // A signal of kill(2) arrives even then, without what it carries (Linux's send_signal).
            if (info.Code is not (SignalInfo.CodeUser or SignalInfo.CodeKernel))
                return false;
            Set |= SignalSet.Of(info.Signal);
            return true;
        }

        var entry = new Entry(info);
        if (_last is null)
            _first = entry;
        else
            _last.Next = entry;
        _last = entry;
        Set |= SignalSet.Of(info.Signal);
        QueuedCount++;
        return true;
    }

    /// <summary>Takes the next signal of the set: synchronous ones first, then the lowest number, and of one number the oldest.</summary>
    public bool TryTake(SignalSet set, out SignalInfo info)
    {
        var candidates = Set & set;
        if (candidates.IsEmpty)
        {
            info = default;
            return false;
        }

        var synchronous = candidates & Synchronous;
        var bits = synchronous.IsEmpty ? candidates.Bits : synchronous.Bits;
        info = Take((Signal)(BitOperations.TrailingZeroCount(bits) + 1));
        return true;
    }

    /// <summary>Forgets all pending signals of the set.</summary>
    public void Remove(SignalSet set)
    {
        if ((Set & set).IsEmpty)
            return;
        Entry? kept = null;
        for (var entry = _first; entry is not null; entry = entry.Next)
        {
            if (set.Contains(entry.Info.Signal))
            {
                if (kept is null)
                    _first = entry.Next;
                else
                    kept.Next = entry.Next;
                QueuedCount--;
            }
            else
            {
                kept = entry;
            }
        }

        _last = kept;
        Set &= ~set;
    }

    private SignalInfo Take(Signal signal)
    {
        Entry? before = null;
        var entry = _first;
        while (entry is not null && entry.Info.Signal != signal)
        {
            before = entry;
            entry = entry.Next;
        }

        if (entry is null)
        {
            // It came when the queue was full.
            Set &= ~SignalSet.Of(signal);
            return new SignalInfo(signal, SignalInfo.CodeUser, 0, 0, 0);
        }

        if (before is null)
            _first = entry.Next;
        else
            before.Next = entry.Next;
        if (entry.Next is null)
            _last = before;
        QueuedCount--;

        var isMore = false;
        for (var other = entry.Next; other is not null && !isMore; other = other.Next)
            isMore = other.Info.Signal == signal;
        if (!isMore)
            Set &= ~SignalSet.Of(signal);
        return entry.Info;
    }
}
