// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Boot;

/// <content>What a debug kernel checks.</content>
internal static partial class KernelEntry
{
    static partial void ReserveLockOrder() => LockOrder.Initialize();

    static partial void CheckLockOrder() => LockOrder.Start(BootInfo.CommandLine);
}
