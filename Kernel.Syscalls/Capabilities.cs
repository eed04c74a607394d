// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary><c>struct __user_cap_header_struct</c>.</summary>
public struct CapabilityHeader
{
    public uint Version;
    public int Pid;
}

/// <summary><c>struct __user_cap_data_struct</c>: 32 capabilities of each set.</summary>
public struct CapabilityData
{
    public uint Effective;
    public uint Permitted;
    public uint Inheritable;
}

/// <summary>capget(2), capset(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class Capabilities(IProcessTable table)
{
    private const uint Version1 = 0x19980330;
    private const uint Version2 = 0x20071026;
    private const uint Version3 = 0x20080522;

    [Syscall("capget")]
    public Errno CapGet(SyscallContext context, UserPtr<CapabilityHeader> header, UserPtr<CapabilityData> data)
    {
        var error = ReadHeader(header, out var wanted, out var words);
        if (error != Errno.Success)
            return data.IsNull && error == Errno.EINVAL ? Errno.Success : error;
        if (data.IsNull)
            return Errno.Success;
        if (wanted.Pid < 0)
            return Errno.EINVAL;
        var thread = wanted.Pid == 0 ? context.Thread : table.FindThread(wanted.Pid);
        if (thread is null)
            return Errno.ESRCH;
        var own = thread.Credentials;
        for (var i = 0; i < words && error == Errno.Success; i++)
        {
            error = data[i].Write(new CapabilityData
            {
                Effective = (uint)(own.EffectiveCapabilities >> (32 * i)),
                Permitted = (uint)(own.PermittedCapabilities >> (32 * i)),
                Inheritable = (uint)(own.InheritableCapabilities >> (32 * i)),
            });
        }

        return error;
    }

    [Syscall("capset")]
    public Errno CapSet(SyscallContext context, UserPtr<CapabilityHeader> header, UserPtr<CapabilityData> data)
    {
        var error = ReadHeader(header, out var wanted, out var words);
        if (error != Errno.Success)
            return error;
        if (wanted.Pid != 0 && wanted.Pid != context.Thread.Tid)
            return Errno.EPERM;
        ulong effective = 0, permitted = 0, inheritable = 0;
        for (var i = 0; i < words; i++)
        {
            if (!data[i].Read().TryGet(out var word, out error))
                return error;
            effective |= (ulong)word.Effective << (32 * i);
            permitted |= (ulong)word.Permitted << (32 * i);
            inheritable |= (ulong)word.Inheritable << (32 * i);
        }

        effective &= Credentials.AllCapabilities;
        permitted &= Credentials.AllCapabilities;
        inheritable &= Credentials.AllCapabilities;
        var old = context.Thread.Credentials;
        var mayInherit = old.HasCapability(Capability.CAP_SETPCAP) ? ulong.MaxValue : old.InheritableCapabilities | old.PermittedCapabilities;
        if ((inheritable & ~mayInherit) != 0 || (inheritable & ~(old.InheritableCapabilities | old.BoundingCapabilities)) != 0)
            return Errno.EPERM;
        if ((permitted & ~old.PermittedCapabilities) != 0 || (effective & ~permitted) != 0)
            return Errno.EPERM;
        context.Thread.Credentials = old with { EffectiveCapabilities = effective, PermittedCapabilities = permitted, InheritableCapabilities = inheritable };
        context.Thread.Attributes.AmbientCapabilities &= permitted & inheritable;
        return Errno.Success;
    }

    /// <summary>An unknown version is answered with the one that the kernel prefers.</summary>
    private static Errno ReadHeader(UserPtr<CapabilityHeader> pointer, out CapabilityHeader header, out int words)
    {
        words = 0;
        if (!pointer.Read().TryGet(out header, out var error))
            return error;
        words = header.Version switch
        {
            Version1 => 1,
            Version2 or Version3 => 2,
            _ => 0,
        };
        if (words != 0)
            return Errno.Success;
        error = new UserPtr<uint>(pointer.Address).Write(Version3);
        return error == Errno.Success ? Errno.EINVAL : error;
    }
}
