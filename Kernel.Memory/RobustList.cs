// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Memory;

/// <summary>
/// The list of robust mutexes that a thread holds, in its own memory (man 2 get_robust_list): at exit each is marked as orphaned and one waiter is woken.
/// Nothing in it can be trusted.
/// </summary>
internal static class RobustList
{
    // Linux's ROBUST_LIST_LIMIT: a list may be circular in ways that never end.
    private const int Limit = 2048;
    private const uint FUTEX_WAITERS = 0x8000_0000;
    private const uint FUTEX_OWNER_DIED = 0x4000_0000;
    private const uint FUTEX_TID_MASK = 0x3fff_ffff;

    /// <summary>Walks the list of an exiting thread, on the thread itself.</summary>
    public static void Walk(FutexTable futexes, IThread thread)
    {
        // struct robust_list_head: the first entry, the offset from an entry to its futex word, and the mutex that was being taken or released.
        var head = new UserPtr<ulong>(thread.RobustListHead);
        thread.RobustListHead = 0;
        if (head.IsNull || !head.Read().TryGet(out ulong entry, out _) || !head[1].Read().TryGet(out ulong offset, out _) || !head[2].Read().TryGet(out ulong pending, out _))
        {
            return;
        }
        for (int i = 0; i < Limit && (entry & ~1UL) != head.Address; i++)
        {
            // The next entry is read first: once the mutex is free, its memory may be anybody's.
            bool hasNext = new UserPtr<ulong>(entry & ~1UL).Read().TryGet(out ulong next, out _);
            if ((entry & ~1UL) != (pending & ~1UL) && !MarkDead(futexes, thread, (entry & ~1UL) + offset, isPending: false))
            {
                return;
            }
            if (!hasNext)
            {
                return;
            }
            entry = next;
        }
        if ((pending & ~1UL) != 0)
        {
            _ = MarkDead(futexes, thread, (pending & ~1UL) + offset, isPending: true);
        }
    }

    private static bool MarkDead(FutexTable futexes, IThread thread, ulong address, bool isPending)
    {
        if ((address & 3) != 0 || !UserMemory.TryLoad(address, out uint value))
        {
            return false;
        }
        while (true)
        {
            if (isPending && (value & FUTEX_TID_MASK) == 0)
            {
                // Released by the dying thread, but the waiter that it should wake has not been woken.
                _ = futexes.Wake(address, 1);
                return true;
            }
            if ((value & FUTEX_TID_MASK) != (uint)thread.Tid)
            {
                return true;
            }
            if (!UserMemory.TryCompareExchange(address, value, (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED, out uint observed))
            {
                return false;
            }
            if (observed == value)
            {
                if ((value & FUTEX_WAITERS) != 0)
                {
                    _ = futexes.Wake(address, 1);
                }
                return true;
            }
            value = observed;
        }
    }
}
