// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Process.Signals;

/// <summary>
/// The page of code to which handlers return where the C library has no such code: at the end of user space, in each process, as Linux's vDSO has it. It is the process's own: nothing of the kernel depends on it.
/// </summary>
internal static class SignalReturn
{
    /// <summary>Address of the page.</summary>
    public static ulong Address => Paging.UserSpaceEnd - (ulong)Paging.PageSizeBytes;

    /// <summary>Where the stack may begin: below the page and a gap, if there is one.</summary>
    public static ulong StackLimit(ReadOnlySpan<byte> code) => code.IsEmpty ? Paging.UserSpaceEnd : Address - (ulong)Paging.PageSizeBytes;

    /// <summary>Maps the page into a new program's memory, which is in use.</summary>
    public static Errno Map(IAddressSpace space, ReadOnlySpan<byte> code, ResourceLimits limits)
    {
        if (code.IsEmpty)
            return Errno.Success;
        var length = (ulong)Paging.PageSizeBytes;
        if (!space.Map(Address, length, PageProtection.Read | PageProtection.Write, MapFlags.MAP_PRIVATE | MapFlags.MAP_ANONYMOUS | MapFlags.MAP_FIXED, null, null, 0, limits).TryGet(out _, out var error))
            return error;
        var writer = VmWriter.FromUser(Address, code.Length);
        return writer.Write(code) == code.Length ? space.Protect(Address, length, PageProtection.Read | PageProtection.Execute) : Errno.ENOMEM;
    }
}
