// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Memory;

/// <summary>
/// Futexes (man 2 futex) of the calling thread's address space. <c>isPrivate</c>: the key is the address alone; otherwise memory that several processes map shares its futexes.
/// </summary>
public interface IFutexService
{
    /// <summary>Wakes waiters of a private or shared futex in the current address space.</summary>
    /// <returns>How many were woken.</returns>
    int Wake(ulong address, int count);

    /// <summary>FUTEX_WAIT and FUTEX_WAIT_BITSET.</summary>
    /// <param name="deadlineNs">Of the monotonic clock; <see cref="Ostd.Sync.WaitQueue.Forever"/> for none.</param>
    /// <returns>Success when woken; EAGAIN when the word has another value; ETIMEDOUT; EINTR; EFAULT; EINVAL.</returns>
    Errno Wait(ulong address, uint expected, uint bitset, bool isPrivate, long deadlineNs);

    /// <summary>FUTEX_WAKE and FUTEX_WAKE_BITSET.</summary>
    Result<int> Wake(ulong address, int count, uint bitset, bool isPrivate);

    /// <summary>FUTEX_REQUEUE and, with a value to compare, FUTEX_CMP_REQUEUE.</summary>
    /// <returns>How many were woken or moved: also without the comparison, where the man page promises the woken ones alone; EAGAIN, EFAULT, EINVAL.</returns>
    Result<int> Requeue(ulong address, int wakeCount, int moveCount, ulong target, uint? expected, bool isPrivate);

    /// <summary>FUTEX_WAKE_OP.</summary>
    /// <param name="operation">The encoded operation and comparison on the word at <paramref name="target"/>.</param>
    Result<int> WakeOperation(ulong address, int wakeCount, ulong target, int targetWakeCount, uint operation, bool isPrivate);

    /// <summary>Walks the thread's robust list at exit (man 2 get_robust_list) and marks what it held.</summary>
    void ExitRobustList(IThread thread);
}
