// SPDX-License-Identifier: MPL-2.0
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Memory;

/// <content>The identity of futex words.</content>
internal sealed partial class AddressSpace
{
    /// <summary>The key of a futex that is not said to be private: the object behind a shared mapping, else this space.</summary>
    /// <returns>False where nothing is mapped (EFAULT).</returns>
    public bool TryGetFutexKey(ulong address, out FutexKey key)
    {
        using RwMutexReadGuard guard = _lock.AcquireRead();
        Area? area = _areas.Find(address);
        key = area is { IsShared: true, Memory: { } memory }
            ? new FutexKey(memory, ((ulong)area.PageAt(address) << Paging.PageShift) + (address & PageMask))
            : new FutexKey(this, address);
        return area is not null;
    }
}
