// SPDX-License-Identifier: MPL-2.0
using System.Numerics;

namespace Kernel.Process.Tree;

/// <summary>
/// Hands out process ids cyclically, so that a pid is not reused soon after its process is gone. The low ids are not reused after the first round, as in Linux
/// (RESERVED_PIDS). Not thread-safe: the process table's lock guards it.
/// </summary>
internal sealed class PidAllocator
{
    /// <summary>One past the largest pid (<c>/proc/sys/kernel/pid_max</c>).</summary>
    public const int Limit = 32768;

    /// <summary>Where the search goes on after a wrap.</summary>
    public const int FirstAfterWrap = 300;

    private const int BitsPerWord = 64;
    private readonly ulong[] _used = new ulong[Limit / BitsPerWord];

    public PidAllocator() => _used[0] = 1;

    /// <summary>The pid handed out last.</summary>
    public int Last { get; private set; }

    /// <summary>Pids in use, pid 0 not counted.</summary>
    public int Count { get; private set; }

    /// <summary>Takes the next free pid.</summary>
    /// <returns>False when all are in use.</returns>
    public bool TryAllocate(out int pid)
    {
        pid = FindFree(Last + 1, Limit);
        if (pid < 0)
            pid = FindFree(FirstAfterWrap, Last + 1);
        if (pid < 0)
            return false;
        Take(pid);
        Last = pid;
        return true;
    }

    /// <summary>Takes one particular pid.</summary>
    /// <returns>False when it is in use or out of range.</returns>
    public bool TryAllocateExactly(int pid)
    {
        if (pid is <= 0 or >= Limit || IsUsed(pid))
            return false;
        Take(pid);
        return true;
    }

    /// <summary>Gives a pid back.</summary>
    public void Free(int pid)
    {
        if (!IsUsed(pid))
            throw new System.InvalidOperationException("A pid was freed twice.");
        _used[pid / BitsPerWord] &= ~(1UL << (pid % BitsPerWord));
        Count--;
    }

    private bool IsUsed(int pid) => (_used[pid / BitsPerWord] >> (pid % BitsPerWord) & 1) != 0;

    private void Take(int pid)
    {
        _used[pid / BitsPerWord] |= 1UL << (pid % BitsPerWord);
        Count++;
    }

    private int FindFree(int from, int end)
    {
        for (var pid = from; pid < end;)
        {
            // All pids of the word from this one on, free ones as ones.
            var free = ~_used[pid / BitsPerWord] >> (pid % BitsPerWord);
            if (free != 0)
            {
                pid += BitOperations.TrailingZeroCount(free);
                return pid < end ? pid : -1;
            }

            pid = (pid / BitsPerWord + 1) * BitsPerWord;
        }

        return -1;
    }
}
