// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Ostd.Sync;
using Ostd.Time;

namespace Kernel.Events;

/// <summary>
/// An epoll instance (man 7 epoll). <see cref="_mutex"/> guards the set of items; <see cref="_readyLock"/>, with interrupts off since notifications come from anywhere, guards the ready list, and what each item
/// looks for. A file is asked what is ready without either lock, when its item is taken from the list: being in the list is a hint, and an item that turns out not to be ready leaves it.
/// </summary>
/// <remarks>
/// Several threads may wait at once. An item is taken with the events and the data that it has at that moment; with EPOLLONESHOT one of them claims it before it reports, so that an event is reported once, and an
/// EPOLL_CTL_MOD in between is not undone.
/// </remarks>
internal sealed class EventPoll(Inode inode, EventPollTopology topology) : OpenFile(inode, OpenFlags.O_RDWR), IEventPoll
{
    private const PollEvents Always = PollEvents.POLLERR | PollEvents.POLLHUP;

    private const uint ExclusiveAllowed = (uint)(PollEvents.POLLIN | PollEvents.POLLOUT | Always)
        | (uint)(EventPollFlags.EPOLLEXCLUSIVE | EventPollFlags.EPOLLWAKEUP | EventPollFlags.EPOLLET);

    private readonly Mutex _mutex = new();
    private readonly Dictionary<(OpenFile File, int Descriptor), EventPollItem> _items = [];
    private readonly List<EventPoll> _outer = [];
    private readonly PollQueue _queue = new();
    private readonly SpinLock _readyLock = new();
    private EventPollItem? _readyHead;
    private EventPollItem? _readyTail;
    private int _readyCount;

    public Errno Control(EventPollOperation operation, OpenFile target, int descriptor, uint events, ulong data)
    {
        if (operation == EventPollOperation.Add && target is EventPoll inner)
        {
            using var topologyGuard = topology.Lock.Acquire();
            return EventPollTopology.WouldLoop(this, inner) ? Errno.ELOOP : ControlOne(operation, target, descriptor, events, data);
        }

        return ControlOne(operation, target, descriptor, events, data);
    }

    private Errno ControlOne(EventPollOperation operation, OpenFile target, int descriptor, uint events, ulong data)
    {
        EventPollItem item;
        using (_mutex.Acquire())
        {
            var exists = _items.TryGetValue((target, descriptor), out var found);
            switch (operation)
            {
                case EventPollOperation.Add:
                    if (exists)
                    {
                        return Errno.EEXIST;
                    }

                    if ((events & (uint)EventPollFlags.EPOLLEXCLUSIVE) != 0 && ((events & ~ExclusiveAllowed) != 0 || target is EventPoll))
                    {
                        return Errno.EINVAL;
                    }

                    item = new EventPollItem(this, target, descriptor, events | (uint)Always, data);
                    _items.Add((target, descriptor), item);
                    target.Watchers.Add(item);
                    (target as EventPoll)?.AddOuter(this);
                    break;

                case EventPollOperation.Modify:
                    if (!exists)
                    {
                        return Errno.ENOENT;
                    }

                    item = found!;
                    if (item.Has(EventPollFlags.EPOLLEXCLUSIVE) || (events & (uint)EventPollFlags.EPOLLEXCLUSIVE) != 0)
                    {
                        return Errno.EINVAL;
                    }

                    using (_readyLock.AcquireIrqSafe())
                    {
                        item.Data = data;
                        item.Events = events | (uint)Always;
                    }

                    break;

                default:
                    if (!exists)
                    {
                        return Errno.ENOENT;
                    }

                    item = found!;
                    _items.Remove((target, descriptor));
                    break;
            }
        }

        if (operation == EventPollOperation.Delete)
        {
            Detach(item, isFileClosing: false);
            return Errno.Success;
        }

        // Registered before the look, so that nothing is missed in between.
        var ready = target.Poll(operation == EventPollOperation.Add ? item : null);
        if (item.IsRemoved)
        {
            // Another thread has deleted it meanwhile, maybe before it was registered: one of the two takes the registration back.
            target.StopPolling(item);
            return Errno.Success;
        }

        if ((ready & item.Wanted) != 0)
        {
            OnItemReady(item);
        }

        return Errno.Success;
    }

    public Result<int> Wait(IEventPollSink sink, int maxEvents, long deadlineNs)
    {
        while (true)
        {
            var result = Collect(sink, maxEvents);
            if (result.IsError || result.Value > 0)
            {
                // Level-triggered items went back to the list: another waiting thread may take them.
                if (_readyCount > 0)
                {
                    _queue.WakeWaiters();
                }

                return result;
            }

            if (deadlineNs != WaitQueue.Forever && Clock.MonotonicNs >= deadlineNs)
            {
                return 0;
            }

            switch (_queue.Wait(this, static poll => poll._readyCount > 0, deadlineNs))
            {
                case WaitResult.Interrupted:
                    return Errno.EINTR;

                case WaitResult.TimedOut:
                    deadlineNs = 0;
                    break;
            }
        }
    }

    /// <summary>Ready when an item is: each is asked, and those that are not leave the list.</summary>
    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            _queue.Register(observer);
        }

        for (var remaining = _readyCount; remaining > 0 && TakeReady(out var events, out _) is { } item; remaining--)
        {
            if (LookAt(item, events) != PollEvents.None)
            {
                // Whoever looked at the list while the item was out of it has gone to sleep.
                Enqueue(item);
                _queue.WakeWaiters();
                return PollEvents.Readable;
            }
        }

        return PollEvents.None;
    }

    public override void StopPolling(IPollObserver observer) => _queue.Unregister(observer);

    /// <summary>An item's file may be ready. Any context; allocates nothing.</summary>
    public void OnItemReady(EventPollItem item)
    {
        // Also when it is queued already: each edge counts for an instance that watches this one edge-triggered.
        Enqueue(item);
        _queue.Notify(PollEvents.Readable);
    }

    /// <summary>An item's file is closed.</summary>
    public void OnItemClosed(EventPollItem item)
    {
        using (_mutex.Acquire())
        {
            _items.Remove((item.File, item.Descriptor));
        }

        Detach(item, isFileClosing: true);
    }

    /// <summary>The epoll instances that this one watches; a snapshot.</summary>
    public List<EventPoll> NestedInstances()
    {
        var nested = new List<EventPoll>();
        using var guard = _mutex.Acquire();
        foreach (var item in _items.Values)
        {
            if (item.File is EventPoll inner)
            {
                nested.Add(inner);
            }
        }

        return nested;
    }

    /// <summary>The epoll instances that watch this one; a snapshot.</summary>
    public List<EventPoll> OuterInstances()
    {
        using var guard = _mutex.Acquire();
        return [.. _outer];
    }

    protected override void OnClose()
    {
        EventPollItem[] items;
        using (_mutex.Acquire())
        {
            items = [.. _items.Values];
            _items.Clear();
        }

        foreach (var item in items)
        {
            Detach(item, isFileClosing: false);
        }
    }

    // The outer one is locked. Under the lock of the topology, which has no circles: outer before inner.
    private void AddOuter(EventPoll outer)
    {
        using var guard = _mutex.AcquireNested(1);
        _outer.Add(outer);
    }

    private void RemoveOuter(EventPoll outer)
    {
        using var guard = _mutex.Acquire();
        _outer.Remove(outer);
    }

    /// <summary>Takes an item away from its file and from the ready list, once.</summary>
    private void Detach(EventPollItem item, bool isFileClosing)
    {
        if (!item.TryRemove())
        {
            return;
        }

        item.File.StopPolling(item);
        if (!isFileClosing)
        {
            item.File.Watchers.Remove(item);
        }

        (item.File as EventPoll)?.RemoveOuter(this);
        RemoveReady(item);
    }

    /// <summary>Delivers ready items. Those that were ready when it began are looked at once each, so that level-triggered ones, which go back to the end of the list, do not come round again.</summary>
    private Result<int> Collect(IEventPollSink sink, int maxEvents)
    {
        var count = 0;
        for (var remaining = _readyCount; remaining > 0 && count < maxEvents && TakeReady(out var wanted, out var data) is { } item; remaining--)
        {
            var events = LookAt(item, wanted);
            var isOneShot = EventPollItem.Has(wanted, EventPollFlags.EPOLLONESHOT);
            if (events == PollEvents.None || (isOneShot && !TryExchangeEvents(item, wanted, data, EventPollItem.Disarmed(wanted))))
            {
                continue;
            }

            if (!sink.Add(events, data))
            {
                if (isOneShot)
                {
                    TryExchangeEvents(item, EventPollItem.Disarmed(wanted), data, wanted);
                }

                Enqueue(item);
                return count > 0 ? count : Errno.EFAULT;
            }

            count++;
            if (!isOneShot && !EventPollItem.Has(wanted, EventPollFlags.EPOLLET))
            {
                Enqueue(item);
            }
        }

        return count;
    }

    private static PollEvents LookAt(EventPollItem item, uint wanted)
    {
        var events = EventPollItem.ReadinessOf(wanted);
        if (item.IsRemoved || events == PollEvents.None || !item.File.TryAddReference())
        {
            return PollEvents.None;
        }

        events &= item.File.Poll(null);
        item.File.Release();
        return events;
    }

    /// <summary>Changes what an item looks for, unless another thread has changed it since it was taken from the list.</summary>
    private bool TryExchangeEvents(EventPollItem item, uint expected, ulong data, uint events)
    {
        using var guard = _readyLock.AcquireIrqSafe();
        if (item.Events != expected || item.Data != data)
        {
            return false;
        }

        item.Events = events;
        return true;
    }

    private void Enqueue(EventPollItem item)
    {
        using var guard = _readyLock.AcquireIrqSafe();
        if (item.IsQueued || item.IsRemoved)
        {
            return;
        }

        item.IsQueued = true;
        item.NextReady = null;
        if (_readyTail is { } tail)
        {
            tail.NextReady = item;
        }
        else
        {
            _readyHead = item;
        }

        _readyTail = item;
        _readyCount++;
    }

    private EventPollItem? TakeReady(out uint events, out ulong data)
    {
        using var guard = _readyLock.AcquireIrqSafe();
        if (_readyHead is not { } item)
        {
            events = 0;
            data = 0;
            return null;
        }

        events = item.Events;
        data = item.Data;

        _readyHead = item.NextReady;
        if (_readyHead is null)
        {
            _readyTail = null;
        }

        item.NextReady = null;
        item.IsQueued = false;
        _readyCount--;
        return item;
    }

    private void RemoveReady(EventPollItem item)
    {
        using var guard = _readyLock.AcquireIrqSafe();
        if (!item.IsQueued)
        {
            return;
        }

        EventPollItem? previous = null;
        for (var current = _readyHead; current is not null; previous = current, current = current.NextReady)
        {
            if (!ReferenceEquals(current, item))
            {
                continue;
            }

            if (previous is null)
            {
                _readyHead = item.NextReady;
            }
            else
            {
                previous.NextReady = item.NextReady;
            }

            if (ReferenceEquals(_readyTail, item))
            {
                _readyTail = previous;
            }

            item.NextReady = null;
            item.IsQueued = false;
            _readyCount--;
            return;
        }
    }
}
