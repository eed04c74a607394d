// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>Structures that grow with the kernel: the caller says how large its own is (man 2 clone3, sched_setattr, openat2).</summary>
internal static class ExtensibleBlock
{
    /// <summary>Copies as much as both sides know; the rest is zero.</summary>
    /// <returns>E2BIG when the caller's is larger and not zero in what this kernel does not know; EFAULT.</returns>
    public static Result<T> Read<T>(UserPtr<T> pointer, ulong size) where T : unmanaged
    {
        var known = (ulong)UserMemory.SizeOf<T>();
        if (size >= known)
        {
            for (var offset = known; offset < size; offset++)
            {
                if (!UserMemory.TryRead<byte>(pointer.Address + offset, out var extra))
                    return Errno.EFAULT;
                if (extra != 0)
                    return Errno.E2BIG;
            }

            return pointer.Read();
        }

        Span<byte> bytes = stackalloc byte[(int)known];
        bytes.Clear();
        var reader = VmReader.FromUser(pointer.Address, (int)size);
        if (reader.Read(bytes[..(int)size]) != (int)size)
            return Errno.EFAULT;
        var whole = new VmReader(bytes);
        return whole.TryRead<T>(out var value) ? value : Errno.EFAULT;
    }
}
