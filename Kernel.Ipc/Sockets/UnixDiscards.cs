// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions.Files;
using Ostd.Sync;
using Ostd.Tasks;

namespace Kernel.Ipc.Sockets;

/// <summary>
/// Closes files that were in flight (SCM_RIGHTS) to a socket that is gone. Such a file may be a socket with files in flight of its own, in chains as long as a program likes: so a task that closes files here does
/// not close those that come up meanwhile at a deeper level of its stack, but after them.
/// </summary>
internal sealed class UnixDiscards
{
    private readonly SpinLock _lock = new();

    // The tasks that are closing files, each with what it still has to close. As many as there are such tasks: a handful.
    private readonly List<Work> _working = [];

    /// <summary>Gives the references back, before this returns unless the call comes from such a release.</summary>
    public void Release(List<OpenFile> files)
    {
        var work = new Work(Task.Current, files);
        using (_lock.Acquire())
        {
            foreach (var other in _working)
            {
                if (ReferenceEquals(other.Task, work.Task))
                {
                    other.Files.AddRange(files);
                    return;
                }
            }

            _working.Add(work);
        }

        while (TakeLast(work) is { } file)
        {
            file.Release();
        }
    }

    private OpenFile? TakeLast(Work work)
    {
        using var guard = _lock.Acquire();
        if (work.Files.Count == 0)
        {
            _working.Remove(work);
            return null;
        }

        var file = work.Files[^1];
        work.Files.RemoveAt(work.Files.Count - 1);
        return file;
    }

    private sealed class Work(Task task, List<OpenFile> files)
    {
        public Task Task { get; } = task;

        public List<OpenFile> Files { get; } = files;
    }
}
