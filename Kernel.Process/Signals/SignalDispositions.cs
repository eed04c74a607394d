// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Signals;

namespace Kernel.Process.Signals;

/// <summary>What the default action of a signal does (man 7 signal, "Standard signals").</summary>
internal enum DefaultSignalAction
{
    Terminate,
    TerminateWithCore,
    Ignore,
    Stop,
    Continue,
}

/// <summary>Dispositions of all signals. Guarded by the process table's lock; single words are read without it.</summary>
internal sealed class SignalDispositions
{
    /// <summary>Signals are numbered from 1 to this.</summary>
    public const int Count = 64;

    private readonly SignalAction[] _actions = new SignalAction[Count];

    /// <summary>Signals with SIG_IGN.</summary>
    public SignalSet Ignored { get; private set; }

    /// <summary>Signals with a handler.</summary>
    public SignalSet Caught { get; private set; }

    public static SignalSet StopSignals { get; } =
        SignalSet.Of(Signal.SIGSTOP) | SignalSet.Of(Signal.SIGTSTP) | SignalSet.Of(Signal.SIGTTIN) | SignalSet.Of(Signal.SIGTTOU);

    public ref readonly SignalAction this[Signal signal] => ref _actions[(int)signal - 1];

    public static DefaultSignalAction DefaultOf(Signal signal) => signal switch
    {
        Signal.SIGCHLD or Signal.SIGURG or Signal.SIGWINCH => DefaultSignalAction.Ignore,
        Signal.SIGCONT => DefaultSignalAction.Continue,
        Signal.SIGSTOP or Signal.SIGTSTP or Signal.SIGTTIN or Signal.SIGTTOU => DefaultSignalAction.Stop,
        Signal.SIGQUIT or Signal.SIGILL or Signal.SIGTRAP or Signal.SIGABRT or Signal.SIGBUS or Signal.SIGFPE or Signal.SIGSEGV
            or Signal.SIGXCPU or Signal.SIGXFSZ or Signal.SIGSYS => DefaultSignalAction.TerminateWithCore,
        _ => DefaultSignalAction.Terminate,
    };

    public void Set(Signal signal, in SignalAction action)
    {
        _actions[(int)signal - 1] = action;
        var bit = SignalSet.Of(signal);
        Ignored = action.IsIgnored ? Ignored | bit : Ignored & ~bit;
        Caught = action.IsCaught ? Caught | bit : Caught & ~bit;
    }

    /// <summary>True when the signal is thrown away on arrival, unless it is blocked.</summary>
    public bool Ignores(Signal signal)
    {
        ref readonly var action = ref this[signal];
        return action.IsIgnored || (action.IsDefault && DefaultOf(signal) is DefaultSignalAction.Ignore or DefaultSignalAction.Continue);
    }

    /// <summary>True when the signal's action is to end the process.</summary>
    public bool IsFatal(Signal signal) =>
        this[signal].IsDefault && DefaultOf(signal) is DefaultSignalAction.Terminate or DefaultSignalAction.TerminateWithCore;

    public SignalDispositions Clone()
    {
        var copy = new SignalDispositions { Ignored = Ignored, Caught = Caught };
        Array.Copy(_actions, copy._actions, Count);
        return copy;
    }

    /// <summary>execve: handlers are gone with the program, SIG_IGN stays (man 2 execve).</summary>
    public SignalDispositions CloneForExecute(bool keepIgnored = true)
    {
        var copy = new SignalDispositions();
        for (var signal = Signal.SIGHUP; (int)signal <= Count; signal++)
        {
            if (keepIgnored && this[signal].IsIgnored)
                copy.Set(signal, new SignalAction(SignalAction.Ignore, SignalActionFlags.None, 0, default));
        }

        return copy;
    }
}
