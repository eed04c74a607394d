// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Time;
using Ostd.Time;

namespace Kernel.Time;

/// <summary>Wall-clock time: the monotonic clock and an offset that settimeofday moves.</summary>
[Component(Stage = InitStage.Early)]
public sealed class TimeKeeper : ITimeKeeper
{
    private long _offsetNs = Clock.RealTimeAtBootNs;

    public long RealTimeOffsetNs => Volatile.Read(ref _offsetNs);

    public long RealTimeNs => Clock.MonotonicNs + RealTimeOffsetNs;

    public void SetRealTime(long nanosecondsSince1970) => Volatile.Write(ref _offsetNs, nanosecondsSince1970 - Clock.MonotonicNs);
}
