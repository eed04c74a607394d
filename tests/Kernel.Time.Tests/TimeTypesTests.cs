// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Time;
using Xunit;

namespace Kernel.Time.Tests;

public class TimeTypesTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1_500_000_000, 1, 500_000_000)]
    [InlineData(-1, -1, 999_999_999)]
    [InlineData(-1_000_000_000, -1, 0)]
    public void FromNanoseconds_KeepsTheFractionPositive(long nanoseconds, long seconds, long fraction)
        => Assert.Equal(new TimeSpec(seconds, fraction), TimeSpec.FromNanoseconds(nanoseconds));

    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(0, 999_999_999, true)]
    [InlineData(0, 1_000_000_000, false)]
    [InlineData(0, -1, false)]
    [InlineData(-1, 0, false)]
    public void IsValidDuration_FollowsNanosleep(long seconds, long nanoseconds, bool expected)
        => Assert.Equal(expected, new TimeSpec(seconds, nanoseconds).IsValidDuration);

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MaxValue / 1_000_000_000)]
    public void ToNanoseconds_BeyondTheClock_Saturates(long seconds)
        => Assert.Equal(long.MaxValue, new TimeSpec(seconds, 999_999_999).ToNanoseconds());
}
