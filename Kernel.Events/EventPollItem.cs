// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;

namespace Kernel.Events;

/// <summary>One file that an epoll instance watches, under one descriptor. It does not keep the file open.</summary>
internal sealed class EventPollItem(EventPoll owner, OpenFile file, int descriptor, uint events, ulong data) : IPollObserver, IFileWatcher
{
    private const uint FlagMask = (uint)(EventPollFlags.EPOLLEXCLUSIVE | EventPollFlags.EPOLLWAKEUP | EventPollFlags.EPOLLONESHOT | EventPollFlags.EPOLLET);

    private int _isRemoved;

    private uint _events = events;

    public OpenFile File => file;

    public int Descriptor => descriptor;

    /// <summary>Goes to the program with each event. Guarded, together with <see cref="Events"/>, by the owner's spinning lock.</summary>
    public ulong Data { get; set; } = data;

    /// <summary>Readiness bits and flags; no readiness bits: disarmed after EPOLLONESHOT. Single reads need no lock.</summary>
    public uint Events
    {
        get => Volatile.Read(ref _events);
        set => Volatile.Write(ref _events, value);
    }

    /// <summary>Links of the owner's ready list, guarded by its spinning lock.</summary>
    public EventPollItem? NextReady { get; set; }

    /// <summary>In the ready list; guarded by the owner's spinning lock.</summary>
    public bool IsQueued { get; set; }

    public bool IsRemoved => Volatile.Read(ref _isRemoved) != 0;

    public bool Has(EventPollFlags flag) => Has(Events, flag);

    /// <summary>What is looked for; errors and hang-ups always, unless disarmed.</summary>
    public PollEvents Wanted => ReadinessOf(Events);

    /// <summary>The readiness bits of <paramref name="events"/>.</summary>
    public static PollEvents ReadinessOf(uint events) => (PollEvents)(events & ~FlagMask);

    public static bool Has(uint events, EventPollFlags flag) => (events & (uint)flag) != 0;

    /// <summary>After EPOLLONESHOT reported: nothing more until EPOLL_CTL_MOD.</summary>
    public static uint Disarmed(uint events) => events & FlagMask;

    /// <summary>Claims the removal: of closing the file, closing the instance and EPOLL_CTL_DEL, one does it.</summary>
    public bool TryRemove() => Interlocked.Exchange(ref _isRemoved, 1) == 0;

    public void OnReady(PollEvents events)
    {
        var wanted = Wanted;
        if (wanted != PollEvents.None && (events == PollEvents.None || (events & wanted) != 0))
        {
            owner.OnItemReady(this);
        }
    }

    public void OnFileClosed() => owner.OnItemClosed(this);
}
