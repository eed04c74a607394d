// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Composition;

namespace Kernel.Fs.PageCache;

/// <summary>How many pages the page caches hold, for /proc/meminfo and sysinfo(2).</summary>
[Component]
public sealed class PageCounters
{
    private long _cachedPages;

    /// <summary>Pages of files.</summary>
    public long CachedPages => Volatile.Read(ref _cachedPages);

    /// <summary>Pages came, or with a negative number went.</summary>
    public void Add(long pages) => Interlocked.Add(ref _cachedPages, pages);
}
