// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>mmap(2), munmap(2), mprotect(2), mremap(2), brk(2), msync(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class MemoryMappings
{
    private const int PROT_READ = 1;
    private const int PROT_WRITE = 2;
    private const int PROT_EXEC = 4;
    private const int PROT_SEM = 8;
    private const int PROT_GROWSDOWN = 0x0100_0000;
    private const int PROT_GROWSUP = 0x0200_0000;

    [Syscall("mmap", Flags = """
        prot = PROT_NONE | PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM;
        mmap(addr, length, prot = <prot>, flags = MAP_PRIVATE | MAP_SHARED | MAP_SHARED_VALIDATE | MAP_ANONYMOUS | MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK, fd, offset);
        """)]
    public SyscallResult Map(SyscallContext context, ulong address, ulong length, int protection, MapFlags flags, FileDescriptor descriptor, long offset)
    {
        if ((offset & (Paging.PageSizeBytes - 1)) != 0)
        {
            return Errno.EINVAL;
        }
        if (context.Process.AddressSpace is not { } space)
        {
            return Errno.ENOMEM;
        }
        if ((flags & MapFlags.MAP_ANONYMOUS) != 0)
        {
            return (flags & MapFlags.MAP_HUGETLB) != 0
                ? Errno.ENOMEM
                : space.Map(address, length, ToProtection(protection), flags, null, null, 0, context.Process.Limits);
        }
        if (context.Thread.Files.Get(descriptor.Number) is not { } file)
        {
            return Errno.EBADF;
        }
        SyscallResult result = MapFile(context, space, address, length, protection, flags, file, offset);
        file.Release();
        return result;
    }

    [Syscall("munmap")]
    public Errno Unmap(SyscallContext context, ulong address, ulong length) =>
        context.Process.AddressSpace is { } space ? space.Unmap(address, length) : Errno.EINVAL;

    [Syscall("mprotect", Flags = "mprotect(addr, len, prot = PROT_NONE | PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM);")]
    public Errno Protect(SyscallContext context, ulong address, ulong length, int protection)
    {
        const int growth = PROT_GROWSDOWN | PROT_GROWSUP;
        if ((protection & growth) == growth || (protection & ~(PROT_READ | PROT_WRITE | PROT_EXEC | PROT_SEM | growth)) != 0)
        {
            return Errno.EINVAL;
        }

        // Changing a stack to its end in the direction of its growth is not supported: EINVAL, as for a mapping that does not grow.
        return (protection & growth) != 0 || context.Process.AddressSpace is not { } space
            ? Errno.EINVAL
            : space.Protect(address, length, ToProtection(protection));
    }

    [Syscall("mremap", Flags = "mremap(old_address, old_size, new_size, flags = MREMAP_MAYMOVE | MREMAP_FIXED, new_address);")]
    public SyscallResult Remap(SyscallContext context, ulong address, ulong oldLength, ulong newLength, RemapFlags flags, ulong newAddress) =>
        context.Process.AddressSpace is { } space
            ? space.Remap(address, oldLength, newLength, flags, newAddress, context.Process.Limits)
            : Errno.EFAULT;

    [Syscall("brk")]
    public SyscallResult Break(SyscallContext context, ulong address) => context.Process.AddressSpace?.SetBreak(address, context.Process.Limits) ?? 0UL;

    [Syscall("msync", Flags = "msync(addr, length, flags = MS_ASYNC | MS_SYNC | MS_INVALIDATE);")]
    public Errno Synchronize(SyscallContext context, ulong address, ulong length, SyncFlags flags) =>
        context.Process.AddressSpace is { } space ? space.Synchronize(address, length, flags) : Errno.ENOMEM;

    private static SyscallResult MapFile(
        SyscallContext context, IAddressSpace space, ulong address, ulong length, int protection, MapFlags flags, OpenFile file, long offset)
    {
        // The rights to the file are judged before whether it can be mapped at all (EACCES before ENODEV).
        if (length == 0)
        {
            return Errno.EINVAL;
        }
        if ((flags & MapFlags.MAP_TYPE) is not (MapFlags.MAP_PRIVATE or MapFlags.MAP_SHARED or MapFlags.MAP_SHARED_VALIDATE))
        {
            return Errno.EINVAL;
        }
        bool isSharedWritable = (flags & MapFlags.MAP_TYPE) != MapFlags.MAP_PRIVATE && (protection & PROT_WRITE) != 0;
        if (!file.IsReadable || (isSharedWritable && !file.IsWritable))
        {
            return (file.StatusFlags & OpenFlags.O_PATH) != 0 ? Errno.EBADF : Errno.EACCES;
        }
        return file.GetMemoryObject().TryGet(out IMemoryObject memory, out Errno error)
            ? space.Map(address, length, ToProtection(protection), flags, file, memory, offset, context.Process.Limits)
            : error;
    }

    // Linux ignores bits of prot that it does not know.
    private static PageProtection ToProtection(int protection) => (PageProtection)(protection & (PROT_READ | PROT_WRITE | PROT_EXEC));
}
