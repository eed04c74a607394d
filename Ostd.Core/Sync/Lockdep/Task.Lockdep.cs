// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Tasks;

/// <content>What a debug kernel checks.</content>
public sealed partial class Task
{
    /// <summary>The locks that it holds.</summary>
    internal HeldLocks Held { get; } = new();

    static partial void OnLastLockGone() => LockOrder.CheckNoneHeld();
}
