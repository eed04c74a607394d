// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Sync;

/// <summary>How the spinning locks of a class have been taken. Both at once is a deadlock: the handler interrupts the holder, and spins for what that cannot release.</summary>
[Flags]
internal enum LockUse
{
    None = 0,

    /// <summary>By an interrupt handler.</summary>
    InInterrupt = 1,

    /// <summary>By a task that could be interrupted while it held the lock.</summary>
    WithInterruptsOn = 2,

    /// <summary>The class has been reported.</summary>
    Reported = 4,
}
