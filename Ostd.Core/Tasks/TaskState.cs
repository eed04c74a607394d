// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Tasks;

/// <summary>Where a task is in its life.</summary>
internal enum TaskState
{
    /// <summary>Not yet started.</summary>
    Created,

    /// <summary>Running, or in a queue to run.</summary>
    Runnable,

    /// <summary>Going to sleep, or asleep. It may still be running: see the protocol in <see cref="Scheduler"/>.</summary>
    Sleeping,

    /// <summary>Ended; never runs again.</summary>
    Dead,
}
