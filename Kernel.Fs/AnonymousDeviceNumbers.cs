// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Composition;

namespace Kernel.Fs;

/// <summary>Device ids of file systems without a device: major 0, counted up (Linux's get_anon_bdev).</summary>
[Component]
public sealed class AnonymousDeviceNumbers
{
    // The ids below belong to pipefs, sockfs and anon_inodefs.
    private int _last = 16;

    /// <summary>The next id, as in <c>st_dev</c>.</summary>
    public ulong Next() => (ulong)Interlocked.Increment(ref _last);
}
