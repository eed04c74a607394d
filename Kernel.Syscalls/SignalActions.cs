// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Ostd.Cpus;

namespace Kernel.Syscalls;

/// <summary>The kernel's <c>struct sigaction</c> on x86-64.</summary>
public struct SignalActionBlock
{
    public ulong Handler;
    public ulong Flags;
    public ulong Restorer;
    public ulong Mask;
}

/// <summary>The kernel's <c>struct sigaction</c> of the newer architectures, which have no restorer (asm-generic/signal.h).</summary>
public struct GenericSignalActionBlock
{
    public ulong Handler;
    public ulong Flags;
    public ulong Mask;
}

/// <summary><c>stack_t</c> (man 2 sigaltstack).</summary>
public struct SignalStackBlock
{
    public ulong Address;
    public int Flags;
    public int Padding;
    public ulong SizeBytes;
}

/// <summary>rt_sigaction(2), sigaltstack(2), rt_sigreturn(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class SignalActions(ISignalActions actions)
{
    private const int LastSignal = 64;
    private const ulong SetSizeBytes = 8;

    private static readonly bool s_hasRestorer = Cpu.MachineName == "x86_64";

    [Syscall("rt_sigaction")]
    public Errno SigAction(SyscallContext context, int signal, UserPtr<SignalActionBlock> newAction, UserPtr<SignalActionBlock> oldAction, ulong setSize)
    {
        if (setSize != SetSizeBytes)
            return Errno.EINVAL;
        SignalActionBlock wanted = default;
        if (!newAction.IsNull && !Read(newAction).TryGet(out wanted, out var error))
            return error;
        if (signal is < 1 or > LastSignal || (!newAction.IsNull && SignalSet.Unblockable.Contains((Signal)signal)))
            return Errno.EINVAL;

        SignalAction old;
        if (newAction.IsNull)
        {
            old = actions.Get(context.Process, (Signal)signal);
        }
        else
        {
            var flags = (SignalActionFlags)wanted.Flags & SignalActionFlags.Known;
            var mask = new SignalSet(wanted.Mask) & ~SignalSet.Unblockable;
            old = actions.Set(context.Process, (Signal)signal, new SignalAction(wanted.Handler, flags, wanted.Restorer, mask));
        }

        if (oldAction.IsNull)
            return Errno.Success;
        return Write(oldAction, new SignalActionBlock { Handler = old.Handler, Flags = (ulong)old.Flags, Restorer = old.Restorer, Mask = old.Mask.Bits });
    }

    private static Result<SignalActionBlock> Read(UserPtr<SignalActionBlock> pointer)
    {
        if (s_hasRestorer)
            return pointer.Read();
        return new UserPtr<GenericSignalActionBlock>(pointer.Address).Read().TryGet(out var action, out var error)
            ? new SignalActionBlock { Handler = action.Handler, Flags = action.Flags, Mask = action.Mask }
            : error;
    }

    private static Errno Write(UserPtr<SignalActionBlock> pointer, in SignalActionBlock action) => s_hasRestorer
        ? pointer.Write(action)
        : new UserPtr<GenericSignalActionBlock>(pointer.Address).Write(new GenericSignalActionBlock { Handler = action.Handler, Flags = action.Flags, Mask = action.Mask });

    [Syscall("sigaltstack", Flags = "sigaltstack(ss = {flags = SS_DISABLE | SS_ONSTACK | SS_AUTODISARM, ..}, old_ss);")]
    public Errno SigAltStack(SyscallContext context, UserPtr<SignalStackBlock> newStack, UserPtr<SignalStackBlock> oldStack)
    {
        var state = context.Thread.Signals;
        var old = state.AlternateStack;
        var wasOn = state.IsOnAlternateStack;
        if (!newStack.IsNull)
        {
            if (!newStack.Read().TryGet(out var wanted, out var error))
                return error;
            if (wasOn)
                return Errno.EPERM;
            var mode = wanted.Flags & ~AlternateSignalStack.SS_AUTODISARM;
            if (mode is not (0 or AlternateSignalStack.SS_ONSTACK or AlternateSignalStack.SS_DISABLE))
                return Errno.EINVAL;
            if (mode == AlternateSignalStack.SS_DISABLE)
                state.AlternateStack = AlternateSignalStack.Disabled with { Flags = wanted.Flags };
            else if (wanted.SizeBytes < AlternateSignalStack.MinimumBytes)
                return Errno.ENOMEM;
            else
                state.AlternateStack = new AlternateSignalStack(wanted.Address, wanted.Flags, wanted.SizeBytes);
        }

        if (oldStack.IsNull)
            return Errno.Success;
        var flags = !old.IsEnabled ? AlternateSignalStack.SS_DISABLE : wasOn ? AlternateSignalStack.SS_ONSTACK : 0;
        return oldStack.Write(new SignalStackBlock { Address = old.Address, Flags = flags | (old.Flags & AlternateSignalStack.SS_AUTODISARM), SizeBytes = old.SizeBytes });
    }

    [Syscall("rt_sigreturn")]
    public SyscallResult SigReturn(SyscallContext context) => actions.ReturnFromHandler(context.Thread);
}
