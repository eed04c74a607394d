// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;

namespace Ostd.Arch;

/// <summary>The one-shot timer, on a timer of the host.</summary>
public static class CpuTimer
{
    private static readonly Timer s_timer = new(static _ => TaskHosting.RunTimerHandler());

    /// <summary>Nothing to calibrate.</summary>
    public static void Calibrate()
    {
    }

    /// <summary>Calls the handler given to <see cref="TaskHosting.SetTimerHandler"/> after so many nanoseconds; replaces an earlier order.</summary>
    public static void Arm(long delayNs) => s_timer.Change(Math.Min((delayNs + 999_999) / 1_000_000, uint.MaxValue - 2), Timeout.Infinite);
}
