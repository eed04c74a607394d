// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Boot;
using Ostd.Runtime;

namespace Ostd.Memory;

/// <content>
/// The calls of an injected policy, and what is checked of its answers. It is not trusted: whatever it answers, a page has one owner. An exception would leave the lock held, and client code further up could catch it, so it
/// ends here.
/// </content>
internal static partial class FrameAllocator
{
    private static FrameAllocatorPolicy? s_policy;

    // The CPU whose call of the policy is under way, or 0.
    private static int s_policyHolder;

    /// <summary>Gives all free memory to a policy, or to the allocator of this class.</summary>
    /// <param name="policy">Null for OSTD's own.</param>
    public static void Install(FrameAllocatorPolicy? policy)
    {
        bool interrupts = Lock();
        s_hot = 0;
        s_hotCount = 0;
        s_hotLimit = policy is null ? HotLimit : 0;
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

    // Inside of a free block, or the first page of one.
    private static bool IsFree(long state) => state is FrameState.Free or <= FrameState.FreeBlock;

    // The policy saw none of these pages before.
    private static void AddRunLocked(uint first, uint count)
    {
        if (s_policy is null)
        {
            FreeRunLocked(first, count);
            return;
        }

        EnterPolicy();
        try
        {
            s_policy.AddMemory(first, count);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy();
    }

    private static uint PolicyTakeLocked(FrameAllocatorPolicy policy, uint count, int order)
    {
        ulong answer = 0;
        EnterPolicy();
        try
        {
            answer = policy.Allocate((int)count, 1 << order);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy();
        if (answer == 0)
        {
            return 0;
        }

        if (answer >= FrameTable.Count || count > FrameTable.Count - answer)
        {
            Panic.Halt("the frame allocation policy chose a page that does not exist");
        }

        if ((answer & ((1u << order) - 1)) != 0)
        {
            Panic.Halt("the frame allocation policy chose a page that is not aligned as was asked");
        }

        return (uint)answer;
    }

    // The pages are nobody's any more; the policy may answer them as soon as it knows.
    private static void PolicyFreeLocked(FrameAllocatorPolicy policy, uint first, uint count)
    {
        for (uint i = 0; i < count; i++)
        {
            FrameTable.Slot(first + i).SetState(FrameState.Free);
        }

        EnterPolicy();
        try
        {
            policy.Free(first, (int)count);
        }
        catch (Exception)
        {
            HaltThrown();
        }

        LeavePolicy();
    }

    // The one step that makes an owner. A page that is in use, typed, reserved, or answered before is not in the state Free, and nothing but this leaves that state.
    private static void ClaimLocked(uint page, int state)
    {
        ref FrameSlot slot = ref FrameTable.Slot(page);
        long word = Volatile.Read(ref slot.Word);
        if (FrameSlot.CountsOf(word) != FrameState.Free
            || Interlocked.CompareExchange(ref slot.Word, FrameSlot.MakeWord(state, FrameSlot.GenerationOf(word)), word) != word)
        {
            HaltNotFree();
        }

        slot.Next = 0;
    }

    private static void EnterPolicy()
    {
        s_policyHolder = ThisCpu.HolderId;
        if (!TaskHosting.IsHosted)
        {
            RuntimeThread.EnterPolicy();
        }
    }

    private static void LeavePolicy()
    {
        if (!TaskHosting.IsHosted)
        {
            RuntimeThread.LeavePolicy();
        }

        s_policyHolder = 0;
    }

    // The lock is taken: by another CPU, or by this one in a call of the policy, which then wants frames itself.
    private static void LockContended()
    {
        if (Volatile.Read(ref s_policyHolder) == ThisCpu.HolderId)
        {
            Panic.Halt("the frame allocation policy allocates or frees frames");
        }

        s_lock.EnterWithInterruptsOff();
    }

    private static void HaltNotFree() => Panic.Halt("the frame allocation policy chose a page that is not free");

    private static void HaltThrown() => Panic.Halt("the frame allocation policy threw an exception");
}
