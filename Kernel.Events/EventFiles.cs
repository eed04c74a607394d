// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Events;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Time;

namespace Kernel.Events;

/// <summary>Makes event files, each on an anonymous inode of its own.</summary>
[Component]
public sealed class EventFiles(Late<IAnonymousInodes> inodes, Late<ITimeKeeper> time) : IEventFiles
{
    /// <summary>Permission bits that Linux shows for anonymous inodes: 0600.</summary>
    private const int Mode = 0x180;

    private readonly EventPollTopology _topology = new();

    /// <inheritdoc/>
    public OpenFile CreateEventFd(uint initialValue, bool isSemaphore, OpenFlags flags, IThread creator)
        => new EventFd(CreateInode("[eventfd]", creator), flags | OpenFlags.O_RDWR, initialValue, isSemaphore);

    /// <inheritdoc/>
    public OpenFile CreateSignalFd(SignalSet mask, OpenFlags flags, IThread creator)
        => new SignalFd(CreateInode("[signalfd]", creator), flags | OpenFlags.O_RDWR, mask);

    /// <inheritdoc/>
    public OpenFile CreateTimerFd(ClockId clock, OpenFlags flags, IThread creator)
        => new TimerFd(CreateInode("[timerfd]", creator), flags | OpenFlags.O_RDWR, clock, time.Value);

    /// <inheritdoc/>
    public OpenFile CreateEventPoll(IThread creator) => new EventPoll(CreateInode("[eventpoll]", creator), _topology);

    private Inode CreateInode(string label, IThread creator) => inodes.Value.Create(InodeType.Anonymous, label, Mode, creator.Credentials);
}
