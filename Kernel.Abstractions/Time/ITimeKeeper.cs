// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Time;

/// <summary>Wall-clock time over OSTD's monotonic clock.</summary>
public interface ITimeKeeper
{
    /// <summary>Nanoseconds since 1970 (UTC).</summary>
    long RealTimeNs { get; }

    /// <summary>Sets the wall clock (settimeofday, clock_settime).</summary>
    void SetRealTime(long nanosecondsSince1970);

    /// <summary>What to add to the monotonic clock to get wall-clock time, in nanoseconds.</summary>
    long RealTimeOffsetNs { get; }
}

/// <summary>Randomness for /dev/urandom, getrandom and AT_RANDOM.</summary>
public interface IRandomSource
{
    void Fill(System.Span<byte> destination);

    /// <summary>Stirs further randomness in. It can only add: bytes that somebody knows take nothing away.</summary>
    void Mix(System.ReadOnlySpan<byte> bytes);
}
