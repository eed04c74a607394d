// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Processes;

/// <summary>Enforces RLIMIT_CPU (man 2 getrlimit).</summary>
public interface ICpuTimeLimits
{
    /// <summary>A process has got a limit that is not infinite: from now on it is watched.</summary>
    void Watch();
}
