// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Files;

namespace Kernel.Abstractions.Events;

/// <summary>EPOLL_CTL_* of epoll_ctl(2).</summary>
public enum EventPollOperation
{
    Add = 1,
    Delete = 2,
    Modify = 3,
}

/// <summary>Flags of epoll_ctl(2) beyond the readiness bits.</summary>
[Flags]
public enum EventPollFlags : uint
{
    None = 0,
    EPOLLEXCLUSIVE = 1u << 28,
    EPOLLWAKEUP = 1u << 29,
    EPOLLONESHOT = 1u << 30,
    EPOLLET = 1u << 31,
}

/// <summary>Takes what epoll_wait(2) reports.</summary>
public interface IEventPollSink
{
    /// <summary>One event.</summary>
    /// <returns>False when it could not be delivered (EFAULT): it stays pending.</returns>
    bool Add(PollEvents events, ulong data);
}

/// <summary>An epoll instance.</summary>
public interface IEventPoll
{
    /// <summary>epoll_ctl(2). The caller holds a reference to the target, and has done the checks of descriptors.</summary>
    /// <param name="events">Readiness bits and <see cref="EventPollFlags"/>, as the program gave them.</param>
    /// <returns>EEXIST, ENOENT, EINVAL, ELOOP.</returns>
    Errno Control(EventPollOperation operation, OpenFile target, int descriptor, uint events, ulong data);

    /// <summary>epoll_wait(2): delivers up to <paramref name="maxEvents"/>.</summary>
    /// <returns>How many; 0 at the deadline; EINTR; EFAULT.</returns>
    Result<int> Wait(IEventPollSink sink, int maxEvents, long deadlineNs);
}
