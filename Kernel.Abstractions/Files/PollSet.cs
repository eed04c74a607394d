// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Sync;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Abstractions.Files;

/// <summary>
/// Files to wait for, as poll(2) and select(2) do: it is filled, waited on, looked at and cleared. It can be used again, so that waiting allocates nothing in the long run. One thread at a time.
/// </summary>
public sealed class PollSet : IPollObserver
{
    /// <summary>What is always reported, asked for or not.</summary>
    private const PollEvents Always = PollEvents.POLLERR | PollEvents.POLLHUP | PollEvents.POLLNVAL;

    private readonly WaitQueue _queue = new();
    private Entry[] _entries = new Entry[16];

    /// <summary>1 once an observer was told. Cleared by an exchange, so that files are not looked at before it is.</summary>
    private int _isNotified;

    /// <summary>The next set of a pool's free list.</summary>
    internal PollSet? NextFree { get; set; }

    /// <summary>Number of entries.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a file, and takes over the caller's reference to it. Null stands for nothing: such an entry gives what <paramref name="ready"/> says.</summary>
    public void Add(OpenFile? file, PollEvents wanted, PollEvents ready = PollEvents.None)
    {
        if (Count == _entries.Length)
        {
            Array.Resize(ref _entries, _entries.Length * 2);
        }

        _entries[Count++] = new Entry { File = file, Wanted = wanted | Always, Ready = ready };
    }

    /// <summary>What was ready of an entry at the end of <see cref="Wait"/>.</summary>
    public PollEvents Ready(int index) => _entries[index].Ready;

    /// <summary>Waits until an entry is ready, the deadline passes, or the thread is interrupted. A deadline that has passed makes it look once.</summary>
    /// <param name="readyCount">Entries that are ready.</param>
    public WaitResult Wait(long deadlineNs, out int readyCount)
    {
        Interlocked.Exchange(ref _isNotified, 0);
        readyCount = Scan(registers: true);
        var result = WaitResult.Ready;
        while (readyCount == 0 && result == WaitResult.Ready)
        {
            // Never a wait for a deadline that has passed: an interrupt must not hide that nothing was ready.
            if (deadlineNs != WaitQueue.Forever && Ostd.Time.Clock.MonotonicNs >= deadlineNs)
            {
                result = WaitResult.TimedOut;
                break;
            }

            result = _queue.WaitInterruptible(this, static set => Volatile.Read(ref set._isNotified) != 0, deadlineNs);
            Interlocked.Exchange(ref _isNotified, 0);
            readyCount = Scan(registers: false);
        }

        StopPolling();
        return readyCount > 0 ? WaitResult.Ready : result;
    }

    /// <summary>Empties the set and gives the references back.</summary>
    public void Clear()
    {
        for (var index = 0; index < Count; index++)
        {
            _entries[index].File?.Release();
            _entries[index] = default;
        }

        Count = 0;
    }

    void IPollObserver.OnReady(PollEvents events)
    {
        Volatile.Write(ref _isNotified, 1);
        _queue.WakeAll();
    }

    private int Scan(bool registers)
    {
        var ready = 0;
        for (var index = 0; index < Count; index++)
        {
            ref var entry = ref _entries[index];
            if (entry.File is { } file)
            {
                // Once something is ready there will be no wait, and the rest need not be registered.
                var observes = registers && ready == 0;
                entry.IsRegistered |= observes;
                entry.Ready = file.Poll(observes ? this : null) & entry.Wanted;
            }

            if (entry.Ready != PollEvents.None)
            {
                ready++;
            }
        }

        return ready;
    }

    private void StopPolling()
    {
        for (var index = 0; index < Count; index++)
        {
            ref var entry = ref _entries[index];
            if (entry.IsRegistered)
            {
                entry.File!.StopPolling(this);
                entry.IsRegistered = false;
            }
        }
    }

    private struct Entry
    {
        public OpenFile? File;
        public PollEvents Wanted;
        public PollEvents Ready;
        public bool IsRegistered;
    }
}

/// <summary>Sets that are free for use. Thread-safe.</summary>
public sealed class PollSetPool
{
    private readonly SpinLock _lock = new();
    private PollSet? _free;

    /// <summary>Takes an empty set.</summary>
    public PollSet Rent()
    {
        using (_lock.Acquire())
        {
            if (_free is { } set)
            {
                _free = set.NextFree;
                set.NextFree = null;
                return set;
            }
        }

        return new PollSet();
    }

    /// <summary>Clears a set and takes it back.</summary>
    public void Return(PollSet set)
    {
        set.Clear();
        using var guard = _lock.Acquire();
        set.NextFree = _free;
        _free = set;
    }
}
