// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>
/// Read-copy-update: readers take no lock; who takes something away from them waits for a grace period before it is reclaimed. A read-side section is any stretch of atomic mode: <see cref="Rcu{T}.Read"/>, a
/// <see cref="PreemptGuard"/>, a spinning lock held, an interrupt handler.
/// </summary>
/// <remarks>
/// Objects need none of this: what a reader can reach is not collected. It is for what is not collected, and would be given to somebody else while a reader still uses it: frames, numbers, registers of a device; and for
/// knowing that a callback which was taken away runs nowhere any more.
/// </remarks>
public static class Rcu
{
    /// <summary>Returns when all read-side sections that ran at the time of the call have ended. Sleeps, usually for less than a millisecond; not in atomic mode.</summary>
    /// <remarks>Sections that begin later may still run. Calls at the same time share their grace periods.</remarks>
    public static void Synchronize() => GracePeriods.Wait();

    /// <summary>Calls back when all read-side sections that run now have ended: <see cref="Synchronize"/> for who cannot wait.</summary>
    /// <param name="action">Runs on a task, where it may sleep; it delays the others that are deferred. What it throws is an oops.</param>
    /// <param name="state">Passed to it.</param>
    /// <remarks>Allocates, so not in interrupt handlers: they queue an <see cref="RcuCallback"/> that was made before. Actions run in the order of their calls. There is no limit to how many may wait.</remarks>
    public static void Defer(Action<object?> action, object? state) => new RcuCallback(action, state).Queue();

    /// <summary>Returns when all that was deferred before the call, on any CPU, has run. Sleeps; not in atomic mode, and not from a deferred action, which would wait for itself.</summary>
    public static void Barrier()
    {
        AtomicMode.MightSleep();
        var latch = new Latch();
        Defer(static state => ((Latch)state!).Open(), latch);
        latch.Wait();
    }

    private sealed class Latch
    {
        private readonly WaitQueue _queue = new();
        private bool _isOpen;

        public void Open()
        {
            Volatile.Write(ref _isOpen, true);
            _queue.WakeAll();
        }

        public void Wait() => _queue.Wait(this, static latch => Volatile.Read(ref latch._isOpen));
    }
}
