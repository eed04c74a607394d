// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Cpus;

namespace Kernel.Abstractions.Signals;

/// <summary>Flags of sigaction(2), with the generic values.</summary>
[Flags]
public enum SignalActionFlags : ulong
{
    None = 0,
    SA_NOCLDSTOP = 0x1,
    SA_NOCLDWAIT = 0x2,
    SA_SIGINFO = 0x4,
    SA_EXPOSE_TAGBITS = 0x800,
    SA_RESTORER = 0x04000000,
    SA_ONSTACK = 0x08000000,
    SA_RESTART = 0x10000000,
    SA_NODEFER = 0x40000000,
    SA_RESETHAND = 0x80000000,

    /// <summary>What the kernel keeps; other bits are cleared, as Linux does since 5.11.</summary>
    Known = SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_EXPOSE_TAGBITS | SA_RESTORER | SA_ONSTACK | SA_RESTART | SA_NODEFER | SA_RESETHAND,
}

/// <summary>What a process does about one signal (<c>struct sigaction</c> of the kernel).</summary>
public readonly record struct SignalAction(ulong Handler, SignalActionFlags Flags, ulong Restorer, SignalSet Mask)
{
    /// <summary>SIG_DFL.</summary>
    public const ulong Default = 0;

    /// <summary>SIG_IGN.</summary>
    public const ulong Ignore = 1;

    public bool IsDefault => Handler == Default;

    public bool IsIgnored => Handler == Ignore;

    public bool IsCaught => Handler > Ignore;

    public bool Has(SignalActionFlags flag) => (Flags & flag) != 0;
}

/// <summary>An alternate signal stack (<c>stack_t</c>, man 2 sigaltstack).</summary>
public readonly record struct AlternateSignalStack(ulong Address, int Flags, ulong SizeBytes)
{
    public const int SS_ONSTACK = 1;
    public const int SS_DISABLE = 2;
    public const int SS_AUTODISARM = unchecked((int)0x80000000);

    /// <summary>MINSIGSTKSZ: the smallest one that can be set, room for a frame and a little more (uapi asm/signal.h).</summary>
    public static ulong MinimumBytes => Cpu.MachineName == "loongarch64" ? 4096UL : 2048UL;

    /// <summary>No alternate stack.</summary>
    public static AlternateSignalStack Disabled => new(0, SS_DISABLE, 0);

    public bool IsEnabled => SizeBytes != 0;

    /// <summary>True when the stack pointer lies in it.</summary>
    public bool Contains(ulong stackPointer) => stackPointer > Address && stackPointer - Address <= SizeBytes;
}

/// <summary>Dispositions of a process, and the way back from a handler.</summary>
public interface ISignalActions
{
    /// <summary>The disposition of a signal.</summary>
    SignalAction Get(IProcess process, Signal signal);

    /// <summary>Sets it; pending signals that are now ignored go away (POSIX 2.4.3).</summary>
    /// <returns>The disposition until then.</returns>
    SignalAction Set(IProcess process, Signal signal, in SignalAction action);

    /// <summary>rt_sigreturn(2): restores registers and mask from the frame on the user stack.</summary>
    SyscallResult ReturnFromHandler(IThread caller);
}
