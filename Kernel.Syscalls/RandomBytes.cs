// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>getrandom(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class RandomBytes(IRandomSource source)
{
    private const int ChunkBytes = 256;

    [Syscall("getrandom", Flags = "getrandom(buf, buflen, flags = GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE);")]
    public Result<long> GetRandom(SyscallContext context, ulong buffer, ulong length, uint flags)
    {
        const uint GRND_RANDOM = 2;
        const uint GRND_INSECURE = 4;
        if ((flags & ~7u) != 0 || (flags & (GRND_RANDOM | GRND_INSECURE)) == (GRND_RANDOM | GRND_INSECURE))
            return Errno.EINVAL;
        var left = (int)Math.Min(length, int.MaxValue - 4095);
        var done = 0;
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        while (left > 0)
        {
            var part = chunk[..Math.Min(left, ChunkBytes)];
            source.Fill(part);
            var writer = VmWriter.FromUser(buffer + (ulong)done, part.Length);
            var written = writer.Write(part);
            done += written;
            left -= written;
            if (written != part.Length)
                return done == 0 ? Errno.EFAULT : done;

            // man 2 getrandom: large requests can be cut short by a signal.
            if (context.Thread.HasDeliverableSignal && done > ChunkBytes)
                break;
        }

        return done;
    }
}
