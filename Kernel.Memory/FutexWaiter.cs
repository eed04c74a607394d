// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Kernel.Memory;

/// <summary>A thread that waits on a futex. Pooled, so that a wait allocates nothing.</summary>
internal sealed class FutexWaiter
{
    /// <summary>Where the thread sleeps.</summary>
    public readonly WaitQueue Queue = new();

    /// <summary>What it waits for. Changes when it is requeued; guarded by the lock of the bucket that it is in.</summary>
    public FutexKey Key;

    /// <summary>Which wakes concern it (FUTEX_WAIT_BITSET).</summary>
    public uint Bitset;

    /// <summary>The bucket that it is queued in; null once it was woken. Written under that bucket's lock; the sleeper reads it without.</summary>
    public volatile FutexBucket? Bucket;

    // Links of the bucket's list, or of the pool.
    public FutexWaiter? Previous;
    public FutexWaiter? Next;
}
