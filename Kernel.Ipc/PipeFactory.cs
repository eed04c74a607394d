// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Ostd.Memory;

namespace Kernel.Ipc;

/// <summary>Pipes and FIFOs.</summary>
[Component]
public sealed class PipeFactory(Late<IAnonymousInodes> inodes, Late<ISignalService> signals) : IPipeFactory
{
    public Result<(OpenFile Reader, OpenFile Writer)> CreatePipe(OpenFlags flags, Credentials owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        // Both ends or none.
        using var reserve = HeapReserve.Enter();
        var inode = inodes.Value.Create(InodeType.Fifo, "pipe", 0x180, owner);
        return new Pipe(signals.Value).OpenBoth(inode, flags & (OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT));
    }

    public IFifo CreateFifo() => new Pipe(signals.Value);
}
