// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>The signal mask that ppoll, pselect6 and epoll_pwait put in place while they wait.</summary>
internal static class TemporaryMask
{
    /// <summary>Puts it in place; nothing happens for a null pointer.</summary>
    /// <returns>EINVAL for a wrong size; EFAULT.</returns>
    public static Errno Apply(in SyscallContext context, UserPtr<ulong> mask, ulong size)
    {
        if (mask.IsNull)
        {
            return Errno.Success;
        }

        if (size != sizeof(ulong))
        {
            return Errno.EINVAL;
        }

        if (!mask.Read().TryGet(out var bits, out var error))
        {
            return error;
        }

        context.Thread.Signals.BlockTemporarily(new SignalSet(bits) & ~SignalSet.Unblockable);
        return Errno.Success;
    }
}
