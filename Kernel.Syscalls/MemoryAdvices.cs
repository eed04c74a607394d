// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>madvise(2), mincore(2), mlock(2) and its family.</summary>
[Component(Stage = InitStage.Late)]
public sealed class MemoryAdvices
{
    private const int MLOCK_ONFAULT = 1;
    private const int MCL_CURRENT = 1;
    private const int MCL_FUTURE = 2;
    private const int MCL_ONFAULT = 4;

    [Syscall("madvise", Flags = "madvise(addr, length, advice = MADV_NORMAL | MADV_RANDOM | MADV_SEQUENTIAL | MADV_WILLNEED | MADV_DONTNEED | MADV_FREE | MADV_DONTFORK | MADV_DOFORK | MADV_WIPEONFORK | MADV_KEEPONFORK | MADV_DONTDUMP | MADV_DODUMP | MADV_COLD | MADV_PAGEOUT | MADV_POPULATE_READ | MADV_POPULATE_WRITE);")]
    public Errno Advise(SyscallContext context, ulong address, ulong length, int advice) =>
        context.Process.AddressSpace is { } space ? space.Advise(address, length, (MemoryAdvice)advice) : Errno.ENOMEM;

    [Syscall("mincore")]
    public Errno GetResidency(SyscallContext context, ulong address, ulong length, UserAddress result)
    {
        ulong mask = (ulong)Paging.PageSizeBytes - 1;
        if ((address & mask) != 0)
        {
            return Errno.EINVAL;
        }
        ulong size = (length + mask) & ~mask;
        if (size < length || address > Paging.UserSpaceEnd || size > Paging.UserSpaceEnd - address || context.Process.AddressSpace is not { } space)
        {
            return Errno.ENOMEM;
        }
        Span<byte> pages = stackalloc byte[256];
        for (ulong done = 0; done < size >> Paging.PageShift;)
        {
            Span<byte> part = pages[..(int)Math.Min((ulong)pages.Length, (size >> Paging.PageShift) - done)];
            Errno error = space.GetResidency(address + (done << Paging.PageShift), part);
            if (error != Errno.Success)
            {
                return error;
            }
            VmWriter writer = VmWriter.FromUser(result.Value + done, part.Length);
            if (writer.Write(part) != part.Length)
            {
                return Errno.EFAULT;
            }
            done += (uint)part.Length;
        }
        return Errno.Success;
    }

    [Syscall("mlock")]
    public Errno Lock(SyscallContext context, ulong address, ulong length) => Lock(context, address, length, 0);

    [Syscall("mlock2", Flags = "mlock2(addr, len, flags = MLOCK_ONFAULT);")]
    public Errno Lock(SyscallContext context, ulong address, ulong length, int flags)
    {
        if ((flags & ~MLOCK_ONFAULT) != 0)
        {
            return Errno.EINVAL;
        }
        return context.Process.AddressSpace is { } space ? space.Lock(address, length, (flags & MLOCK_ONFAULT) != 0, context.Process.Limits) : Errno.ENOMEM;
    }

    [Syscall("munlock")]
    public Errno Unlock(SyscallContext context, ulong address, ulong length) =>
        context.Process.AddressSpace is { } space ? space.Unlock(address, length) : Errno.ENOMEM;

    [Syscall("mlockall", Flags = "mlockall(flags = MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);")]
    public Errno LockAll(SyscallContext context, int flags)
    {
        if (flags == 0 || flags == MCL_ONFAULT || (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0)
        {
            return Errno.EINVAL;
        }
        return context.Process.AddressSpace is { } space
            ? space.LockAll((flags & MCL_CURRENT) != 0, (flags & MCL_FUTURE) != 0, (flags & MCL_ONFAULT) != 0, context.Process.Limits)
            : Errno.ENOMEM;
    }

    [Syscall("munlockall")]
    public Errno UnlockAll(SyscallContext context)
    {
        context.Process.AddressSpace?.UnlockAll();
        return Errno.Success;
    }
}
