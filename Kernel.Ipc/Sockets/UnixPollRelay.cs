// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;

namespace Kernel.Ipc.Sockets;

/// <summary>Passes what happens on one queue on to the observers of a socket.</summary>
/// <param name="target">The socket's own queue.</param>
/// <param name="passed">What concerns the socket: of its incoming channel what a reader wants to know, of its outgoing one what a writer does.</param>
internal sealed class UnixPollRelay(PollQueue target, PollEvents passed) : IPollObserver
{
    /// <summary>Of the queue that a socket reads from.</summary>
    public const PollEvents Incoming = PollEvents.Readable | PollEvents.POLLHUP | PollEvents.POLLRDHUP | PollEvents.POLLERR;

    /// <summary>Of the queue that it writes to.</summary>
    public const PollEvents Outgoing = PollEvents.Writable | PollEvents.POLLHUP | PollEvents.POLLERR;

    public void OnReady(PollEvents events)
    {
        if ((events & passed) != 0)
        {
            target.Notify(events & passed);
        }
    }
}
