// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Sync;

/// <summary>A first-in-first-out list of waiters, guarded by the lock of the object that holds it. A mutable field, never a copy.</summary>
internal struct WaiterList
{
    public Waiter? First;
    private Waiter? _last;

    [InterruptSafe]
    public readonly bool IsEmpty => First is null;

    public void Append(Waiter waiter)
    {
        waiter.Next = null;
        waiter.Previous = _last;
        if (_last is null)
        {
            First = waiter;
        }
        else
        {
            _last.Next = waiter;
        }

        _last = waiter;
        waiter.IsQueued = true;
    }

    [InterruptSafe]
    public void Remove(Waiter waiter)
    {
        if (waiter.Previous is null)
        {
            First = waiter.Next;
        }
        else
        {
            waiter.Previous.Next = waiter.Next;
        }

        if (waiter.Next is null)
        {
            _last = waiter.Previous;
        }
        else
        {
            waiter.Next.Previous = waiter.Previous;
        }

        waiter.Next = null;
        waiter.Previous = null;
        waiter.IsQueued = false;
    }
}
