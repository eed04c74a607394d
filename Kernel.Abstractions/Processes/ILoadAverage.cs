// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>Exponentially damped averages of the runnable tasks over 1, 5 and 15 minutes, for getloadavg(3), sysinfo(2) and <c>/proc/loadavg</c>.</summary>
public interface ILoadAverage
{
    /// <summary>The three averages as fixed-point numbers with 11 binary places, as the kernel ABI has them.</summary>
    (ulong OneMinute, ulong FiveMinutes, ulong FifteenMinutes) Get();
}
