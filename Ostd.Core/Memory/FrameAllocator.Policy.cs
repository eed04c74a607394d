// SPDX-License-Identifier: MPL-2.0
using System;
using System.Runtime.CompilerServices;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Diagnostics;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <content>
/// The calls of an injected policy, and what is checked of its answers. It is not trusted: whatever it answers, a page has one owner. An exception would leave the lock held, and client code further up could catch it, so it
/// ends here.
/// </content>
internal static partial class FrameAllocator
{
    private static FrameAllocatorPolicy? s_policy;

    // The hosted CPU whose call of the policy is under way, or 0. A true one knows by itself (RuntimeThread.IsInPolicy).
    private static int s_hostedCaller;

    /// <summary>Gives all free memory to a policy, or to the allocator of this class.</summary>
    /// <param name="policy">Null for OSTD's own.</param>
    public static void Install(FrameAllocatorPolicy? policy)
    {
        bool interrupts = Lock();
        s_cached = 0;
        s_cachedCount = 0;
        s_lists = default;
        s_policy = policy;
        for (uint page = 0; page < FrameTable.Count; page++)
        {
            uint first = page;
            while (page < FrameTable.Count && IsFree(FrameTable.Slot(page).State))
            {
                FrameTable.Slot(page++).SetState(FrameState.Free);
            }

            if (page != first)
            {
                AddRunLocked(first, page - first);
            }
        }

        Unlock(interrupts);
    }

    // Inside of a free block, the first page of one, or cached.
    private static bool IsFree(long state) => state is FrameState.Free or FrameState.Cached or <= FrameState.FreeBlock;

    // The policy saw none of these pages before.
    private static void AddRunLocked(uint first, uint count)
    {
        if (s_policy is null)
        {
            FreeRunLocked(first, count);
            return;
        }

        nint before = EnterPolicy();
        try
        {
            s_policy.AddMemory(first, count);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy(before);
    }

    [NoAlloc]
    private static uint PolicyTakeLocked(FrameAllocatorPolicy policy, uint count, int order)
    {
        ulong answer = 0;
        nint before = EnterPolicy();
        try
        {
            answer = policy.Allocate((int)count, 1 << order);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy(before);
        return answer == 0 ? 0 : CheckedAnswer(answer, count, order);
    }

    // Several single pages to the cache, in one call's preparations: fewer when the policy has no more.
    [NoAlloc]
    private static void PolicyFillCacheLocked(FrameAllocatorPolicy policy)
    {
        Answers answers = default;
        int count = 0;
        nint before = EnterPolicy();
        try
        {
            while (count < CacheBatch && policy.Allocate(1, 1) is var answer and not 0)
            {
                answers[count++] = answer;
            }
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy(before);
        while (count > 0)
        {
            uint page = CheckedAnswer(answers[--count], 1, 0);
            ClaimLocked(page, FrameState.Cached);
            PushCachedLocked(page);
        }
    }

    // Pages of the cache back to the policy, which may answer them as soon as it knows.
    [InterruptSafe]
    private static void PolicyReturnCachedLocked(FrameAllocatorPolicy policy, int count)
    {
        nint before = EnterPolicy();
        try
        {
            for (; count > 0; count--)
            {
                uint page = PopCachedLocked();
                FrameTable.Slot(page).SetState(FrameState.Free);
                policy.Free(page, 1);
            }
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy(before);
    }

    [NoAlloc]
    private static uint CheckedAnswer(ulong answer, uint count, int order)
    {
        if (SafetyChecks.AreOn && (answer >= FrameTable.Count || count > FrameTable.Count - answer))
        {
            Panic.Halt("the frame allocation policy chose a page that does not exist");
        }

        if (SafetyChecks.AreOn && (answer & ((1u << order) - 1)) != 0)
        {
            Panic.Halt("the frame allocation policy chose a page that is not aligned as was asked");
        }

        return (uint)answer;
    }

    // The one step out of the state Free: to an owner, or to the cache. A page that is in use, typed, reserved, or answered before is not in the state Free, and nothing but this leaves that state.
    [NoAlloc]
    private static void ClaimLocked(uint page, int state)
    {
        ref FrameSlot slot = ref FrameTable.Slot(page);
        long word = Volatile.Read(ref slot.Word);
        if (!SafetyChecks.AreOn)
        {
            slot.SetState(state);
        }
        else if (FrameSlot.CountsOf(word) != FrameState.Free
            || Interlocked.CompareExchange(ref slot.Word, word ^ FrameSlot.MakeWord(FrameState.Free, 0) ^ FrameSlot.MakeWord(state, 0), word) != word)
        {
            HaltNotFree();
        }

        slot.Next = 0;
    }

    // Returns what LeavePolicy wants back.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [InterruptSafe]
    private static nint EnterPolicy()
    {
        if (!SafetyChecks.AreOn)
        {
            return 0;
        }

        if (TaskHosting.IsHosted)
        {
            s_hostedCaller = ThisCpu.HolderId;
            return 0;
        }

        return RuntimeThread.EnterPolicy();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    [InterruptSafe]
    private static void LeavePolicy(nint before)
    {
        if (!SafetyChecks.AreOn)
        {
            return;
        }

        if (TaskHosting.IsHosted)
        {
            s_hostedCaller = 0;
            return;
        }

        RuntimeThread.LeavePolicy(before);
    }

    // The lock is taken: by another CPU, or by this one in a call of the policy, which then wants frames itself.
    [InterruptSafe]
    private static void LockContended()
    {
        if (TaskHosting.IsHosted ? Volatile.Read(ref s_hostedCaller) == ThisCpu.HolderId : RuntimeThread.IsInPolicy)
        {
            Panic.Halt("the frame allocation policy allocates or frees frames");
        }

        s_lock.EnterWithInterruptsOff();
    }

    [NoAlloc]
    private static void HaltNotFree() => Panic.Halt("the frame allocation policy chose a page that is not free");

    [InterruptSafe]
    private static void HaltThrown() => Panic.Halt("the frame allocation policy threw an exception");

    [InlineArray(CacheBatch)]
    private struct Answers
    {
        private ulong _first;
    }
}
