// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Arch;

/// <summary>The host's clock.</summary>
public static class RealTimeClock
{
    /// <summary>Seconds since 1970 (UTC).</summary>
    public static long ReadSeconds() => DateTimeOffset.UtcNow.ToUnixTimeSeconds();
}
