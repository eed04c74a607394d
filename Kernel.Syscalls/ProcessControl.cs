// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Syscalls;

/// <summary>prctl(2), arch_prctl(2), personality(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class ProcessControl
{
    private const int CommandNameBytes = 16;
    private const int LastSignal = 64;
    private const int LastCapability = 40;
    private const ulong DefaultTimerSlackNs = 50_000;

    private enum Option
    {
        PR_SET_PDEATHSIG = 1,
        PR_GET_PDEATHSIG = 2,
        PR_GET_DUMPABLE = 3,
        PR_SET_DUMPABLE = 4,
        PR_GET_KEEPCAPS = 7,
        PR_SET_KEEPCAPS = 8,
        PR_SET_NAME = 15,
        PR_GET_NAME = 16,
        PR_GET_SECCOMP = 21,
        PR_CAPBSET_READ = 23,
        PR_CAPBSET_DROP = 24,
        PR_GET_TSC = 25,
        PR_GET_SECUREBITS = 27,
        PR_SET_SECUREBITS = 28,
        PR_SET_TIMERSLACK = 29,
        PR_GET_TIMERSLACK = 30,
        PR_SET_CHILD_SUBREAPER = 36,
        PR_GET_CHILD_SUBREAPER = 37,
        PR_SET_NO_NEW_PRIVS = 38,
        PR_GET_NO_NEW_PRIVS = 39,
        PR_CAP_AMBIENT = 47,
    }

    [Syscall("prctl", Flags = """
        prctl(option = PR_SET_PDEATHSIG | PR_GET_PDEATHSIG | PR_GET_DUMPABLE | PR_SET_DUMPABLE | PR_GET_KEEPCAPS | PR_SET_KEEPCAPS | PR_SET_NAME | PR_GET_NAME | PR_GET_SECCOMP |
            PR_CAPBSET_READ | PR_CAPBSET_DROP | PR_GET_TSC | PR_GET_SECUREBITS | PR_SET_SECUREBITS | PR_SET_TIMERSLACK | PR_GET_TIMERSLACK | PR_SET_CHILD_SUBREAPER |
            PR_GET_CHILD_SUBREAPER | PR_SET_NO_NEW_PRIVS | PR_GET_NO_NEW_PRIVS | PR_CAP_AMBIENT, ..);
        """)]
    public Result<long> Prctl(SyscallContext context, int option, ulong first, ulong second, ulong third, ulong fourth)
    {
        var thread = context.Thread;
        var attributes = thread.Attributes;
        var hasRest = second != 0 || third != 0 || fourth != 0;
        switch ((Option)option)
        {
            case Option.PR_SET_PDEATHSIG:
                if (first > LastSignal)
                    return Errno.EINVAL;
                attributes.ParentDeathSignal = (Signal)first;
                return 0;
            case Option.PR_GET_PDEATHSIG:
                return Wrap(new UserPtr<int>(first).Write((int)attributes.ParentDeathSignal));
            case Option.PR_GET_DUMPABLE:
                return thread.Process.IsDumpable ? 1 : 0;
            case Option.PR_SET_DUMPABLE:
                if (first > 1)
                    return Errno.EINVAL;
                thread.Process.IsDumpable = first == 1;
                return 0;
            case Option.PR_GET_KEEPCAPS:
                return attributes.KeepsCapabilities ? 1 : 0;
            case Option.PR_SET_KEEPCAPS:
                if (first > 1)
                    return Errno.EINVAL;
                attributes.KeepsCapabilities = first == 1;
                return 0;
            case Option.PR_SET_NAME:
                return SetName(thread, first);
            case Option.PR_GET_NAME:
                return GetName(thread, first);
            case Option.PR_GET_SECCOMP:
                return 0;
            case Option.PR_CAPBSET_READ:
                return first > LastCapability ? Errno.EINVAL : (long)(thread.Credentials.BoundingCapabilities >> (int)first & 1);
            case Option.PR_CAPBSET_DROP:
                return DropFromBoundingSet(thread, first);
            case Option.PR_GET_TSC:
                // PR_TSC_ENABLE: user mode may read the time stamp counter.
                return Wrap(new UserPtr<int>(first).Write(1));
            case Option.PR_GET_SECUREBITS:
                return attributes.SecureBits;
            case Option.PR_SET_SECUREBITS:
                return SetSecureBits(thread, first);
            case Option.PR_SET_TIMERSLACK:
                attributes.TimerSlackNs = (long)(first == 0 ? DefaultTimerSlackNs : Math.Min(first, long.MaxValue));
                return 0;
            case Option.PR_GET_TIMERSLACK:
                return attributes.TimerSlackNs;
            case Option.PR_SET_CHILD_SUBREAPER:
                thread.Process.IsChildSubreaper = first != 0;
                return 0;
            case Option.PR_GET_CHILD_SUBREAPER:
                return Wrap(new UserPtr<int>(first).Write(thread.Process.IsChildSubreaper ? 1 : 0));
            case Option.PR_SET_NO_NEW_PRIVS:
                if (first != 1 || hasRest)
                    return Errno.EINVAL;
                attributes.HasNoNewPrivileges = true;
                return 0;
            case Option.PR_GET_NO_NEW_PRIVS:
                return first != 0 || hasRest ? Errno.EINVAL : attributes.HasNoNewPrivileges ? 1 : 0;
            case Option.PR_CAP_AMBIENT:
                return ChangeAmbient(thread, first, second, third | fourth);
            default:
                return Errno.EINVAL;
        }
    }

    [Syscall("arch_prctl", Flags = "arch_prctl(code = ARCH_SET_FS | ARCH_GET_FS | ARCH_SET_GS | ARCH_GET_GS, addr);")]
    public Errno ArchPrctl(SyscallContext context, int code, ulong address)
    {
        const int ARCH_SET_GS = 0x1001;
        const int ARCH_SET_FS = 0x1002;
        const int ARCH_GET_FS = 0x1003;
        const int ARCH_GET_GS = 0x1004;
        const int GsBase = 22;
        switch (code)
        {
            case ARCH_SET_FS or ARCH_SET_GS when address >= Paging.UserSpaceEnd:
                return Errno.EPERM;
            case ARCH_SET_FS:
                context.Registers.ThreadPointer = address;
                return Errno.Success;
            case ARCH_SET_GS:
                context.Registers.SetRegister(GsBase, address);
                return Errno.Success;
            case ARCH_GET_FS:
                return new UserPtr<ulong>(address).Write(context.Registers.ThreadPointer);
            case ARCH_GET_GS:
                return new UserPtr<ulong>(address).Write(context.Registers.GetRegister(GsBase));
            default:
                return Errno.EINVAL;
        }
    }

    [Syscall("personality", Flags = "personality(persona = PER_LINUX | ADDR_NO_RANDOMIZE);")]
    public Result<long> Personality(SyscallContext context, uint persona)
    {
        const uint Query = 0xffffffff;
        var attributes = context.Thread.Attributes;
        var old = attributes.Personality;
        if (persona != Query)
            attributes.Personality = persona;
        return old;
    }

    private static Result<long> Wrap(Errno error) => error == Errno.Success ? 0 : error;

    private static Result<long> SetName(IThread thread, ulong address)
    {
        Span<byte> name = stackalloc byte[CommandNameBytes];
        var length = UserMemory.ReadString(address, name[..(CommandNameBytes - 1)]);
        if (length < 0)
            return Errno.EFAULT;
        thread.CommandName = Encoding.Latin1.GetString(name[..length]);
        return 0;
    }

    private static Result<long> GetName(IThread thread, ulong address)
    {
        Span<byte> name = stackalloc byte[CommandNameBytes];
        name.Clear();
        Encoding.Latin1.GetBytes(thread.CommandName.AsSpan(0, Math.Min(thread.CommandName.Length, CommandNameBytes - 1)), name);
        var writer = VmWriter.FromUser(address, name.Length);
        return writer.Write(name) == name.Length ? 0 : Errno.EFAULT;
    }

    private static Result<long> DropFromBoundingSet(IThread thread, ulong capability)
    {
        var old = thread.Credentials;
        if (!old.HasCapability(Capability.CAP_SETPCAP))
            return Errno.EPERM;
        if (capability > LastCapability)
            return Errno.EINVAL;
        thread.Credentials = old with { BoundingCapabilities = old.BoundingCapabilities & ~(1UL << (int)capability) };
        return 0;
    }

    private static Result<long> SetSecureBits(IThread thread, ulong bits)
    {
        const ulong All = 0xff;
        const uint Locks = 0xaa;
        var old = thread.Attributes.SecureBits;
        var isLocked = ((old & Locks) >> 1 & (old ^ (uint)bits)) != 0 || (old & Locks & ~(uint)bits) != 0;
        if ((bits & ~All) != 0 || isLocked || !thread.Credentials.HasCapability(Capability.CAP_SETPCAP))
            return Errno.EPERM;
        thread.Attributes.SecureBits = (uint)bits;
        return 0;
    }

    private static Result<long> ChangeAmbient(IThread thread, ulong command, ulong capability, ulong rest)
    {
        const ulong Query = 1;
        const ulong Raise = 2;
        const ulong Lower = 3;
        const ulong ClearAll = 4;
        if (rest != 0)
            return Errno.EINVAL;
        if (command == ClearAll)
        {
            if (capability != 0)
                return Errno.EINVAL;
            thread.Attributes.AmbientCapabilities = 0;
            return 0;
        }

        if (command is not (Query or Raise or Lower) || capability > LastCapability)
            return Errno.EINVAL;
        var bit = 1UL << (int)capability;
        switch (command)
        {
            case Query:
                return (thread.Attributes.AmbientCapabilities & bit) != 0 ? 1 : 0;
            case Raise:
                if ((thread.Credentials.PermittedCapabilities & thread.Credentials.InheritableCapabilities & bit) == 0)
                    return Errno.EPERM;
                thread.Attributes.AmbientCapabilities |= bit;
                return 0;
            default:
                thread.Attributes.AmbientCapabilities &= ~bit;
                return 0;
        }
    }
}
