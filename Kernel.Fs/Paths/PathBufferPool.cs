// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Fs.Paths;

/// <summary>Buffers for the targets of symbolic links during a walk: a few are kept, so that following links allocates nothing as a rule.</summary>
internal sealed class PathBufferPool
{
    private readonly byte[]?[] _kept = new byte[]?[8];

    public byte[] Rent()
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Volatile.Read(ref _kept[i]) is not null && Interlocked.Exchange(ref _kept[i], null) is { } buffer)
            {
                return buffer;
            }
        }

        return new byte[UserPath.MaxLength];
    }

    public void Return(byte[] buffer)
    {
        for (var i = 0; i < _kept.Length; i++)
        {
            if (Interlocked.CompareExchange(ref _kept[i], buffer, null) is null)
            {
                return;
            }
        }
    }
}
