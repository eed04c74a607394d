// SPDX-License-Identifier: MPL-2.0
using System.Runtime.CompilerServices;
using Ostd.Sync;
using Ostd.Tasks;

namespace Kernel.Tests.Oops;

/// <summary>Guards that are copied, so that each copy releases what was taken once.</summary>
internal sealed class GuardBugs
{
    private readonly SpinLock _spin = new();
    private readonly Mutex _mutex = new();
    private readonly RwMutex _readerWriter = new();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void EnablePreemptionTwice()
    {
        using var guard = PreemptGuard.Disable();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseSpinningLockTwice()
    {
        using var guard = _spin.Acquire();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseMutexTwice()
    {
        using var guard = _mutex.Acquire();
        Release(guard);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public void ReleaseReaderTwice()
    {
        using var guard = _readerWriter.AcquireRead();
        Release(guard);
    }

    private static void Release(PreemptGuard copy) => copy.Dispose();

    private static void Release(SpinGuard copy) => copy.Dispose();

    private static void Release(MutexGuard copy) => copy.Dispose();

    private static void Release(RwMutexReadGuard copy) => copy.Dispose();
}
