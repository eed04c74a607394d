// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Ostd.Sync;

namespace Kernel.Abstractions.Files;

/// <summary>Told when an open file description is closed for good.</summary>
public interface IFileWatcher
{
    /// <summary>The last reference is gone; the file still answers <see cref="OpenFile.StopPolling"/>. Task context.</summary>
    void OnFileClosed();
}

/// <summary>Who watches a file without keeping it open. Thread-safe.</summary>
public sealed class FileWatchers
{
    private readonly Mutex _mutex = new();
    private readonly List<IFileWatcher> _watchers = [];

    /// <summary>Adds one. The caller holds a reference to the file.</summary>
    public void Add(IFileWatcher watcher)
    {
        using var guard = _mutex.Acquire();
        _watchers.Add(watcher);
    }

    /// <summary>Takes it away, if it is still there.</summary>
    public void Remove(IFileWatcher watcher)
    {
        using var guard = _mutex.Acquire();
        _watchers.Remove(watcher);
    }

    /// <summary>Tells all of them, each once.</summary>
    public void NotifyClosed()
    {
        while (TakeLast() is { } watcher)
        {
            watcher.OnFileClosed();
        }
    }

    private IFileWatcher? TakeLast()
    {
        using var guard = _mutex.Acquire();
        if (_watchers.Count == 0)
        {
            return null;
        }

        var watcher = _watchers[^1];
        _watchers.RemoveAt(_watchers.Count - 1);
        return watcher;
    }
}
