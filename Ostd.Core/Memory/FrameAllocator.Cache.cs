// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;

namespace Ostd.Memory;

/// <content>
/// Free single pages in front of the blocks, or of a policy: a stack, since the page that was freed last is likely to be in the CPU's caches. A policy is asked for several at once and gets several back at once, so that what its
/// calls cost, and the checks of its answers, are rarely on the way of a page fault.
/// </content>
internal static partial class FrameAllocator
{
    private const int CacheLimit = 512;
    private const int CacheBatch = 32;

    // Its pages are in the state Cached, which nothing but the pop leaves: a policy that answers one of them is caught as with a page in use.
    private static uint s_cached;
    private static int s_cachedCount;

    // The last page that was freed becomes somebody's; 0 when there is none, and none to be had.
    [NoAlloc]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint TakeCachedLocked(int state)
    {
        if (s_cached == 0 && !TryFillCacheLocked())
        {
            return 0;
        }

        uint page = PopCachedLocked();
        FrameTable.Slot(page).SetState(state);
        return page;
    }

    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddCachedLocked(uint page)
    {
        FrameTable.Slot(page).SetState(FrameState.Cached);
        PushCachedLocked(page);
    }

    [NoAlloc]
    private static bool TryFillCacheLocked()
    {
        if (s_policy is { } policy)
        {
            PolicyFillCacheLocked(policy);
        }
        else if (TakeBlockLocked(0) is var page and not 0)
        {
            AddCachedLocked(page);
        }

        return s_cached != 0;
    }

    [InterruptSafe]
    private static void ReturnCachedLocked(int count)
    {
        if (s_policy is { } policy)
        {
            PolicyReturnCachedLocked(policy, count);
            return;
        }

        for (; count > 0; count--)
        {
            FreeBlockLocked(PopCachedLocked(), 0);
        }
    }

    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PushCachedLocked(uint page)
    {
        FrameTable.Slot(page).Next = s_cached;
        s_cached = page;
        s_cachedCount++;
    }

    [InterruptSafe]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint PopCachedLocked()
    {
        uint page = s_cached;
        ref FrameSlot slot = ref FrameTable.Slot(page);
        s_cached = slot.Next;
        slot.Next = 0;
        s_cachedCount--;
        return page;
    }
}
