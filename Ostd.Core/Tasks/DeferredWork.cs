// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Tasks;

/// <summary>A bottom half: work queued from an interrupt handler, run soon after in task context (a worker task; may sleep and allocate).</summary>
public sealed class DeferredWork
{
    public DeferredWork(Action callback, string name) => throw new NotSupportedException();

    /// <summary>Queues the work; no effect while it is already queued. Callable anywhere; allocates nothing.</summary>
    public void Queue() => throw new NotSupportedException();
}
