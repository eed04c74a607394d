// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Signals;

/// <summary>Signal numbers (man 7 signal), alike on the three architectures.</summary>
public enum Signal
{
    None = 0,
    SIGHUP = 1,
    SIGINT = 2,
    SIGQUIT = 3,
    SIGILL = 4,
    SIGTRAP = 5,
    SIGABRT = 6,
    SIGBUS = 7,
    SIGFPE = 8,
    SIGKILL = 9,
    SIGUSR1 = 10,
    SIGSEGV = 11,
    SIGUSR2 = 12,
    SIGPIPE = 13,
    SIGALRM = 14,
    SIGTERM = 15,
    SIGSTKFLT = 16,
    SIGCHLD = 17,
    SIGCONT = 18,
    SIGSTOP = 19,
    SIGTSTP = 20,
    SIGTTIN = 21,
    SIGTTOU = 22,
    SIGURG = 23,
    SIGXCPU = 24,
    SIGXFSZ = 25,
    SIGVTALRM = 26,
    SIGPROF = 27,
    SIGWINCH = 28,
    SIGIO = 29,
    SIGPWR = 30,
    SIGSYS = 31,

    /// <summary>First real-time signal of the kernel; the last is 64.</summary>
    SIGRTMIN = 32,
}

/// <summary>A set of signals: bit n-1 for signal n, as in the ABI's 64-bit <c>sigset_t</c>.</summary>
public readonly record struct SignalSet(ulong Bits)
{
    /// <summary>SIGKILL and SIGSTOP, which cannot be blocked, caught or ignored.</summary>
    public static SignalSet Unblockable => Of(Signal.SIGKILL) | Of(Signal.SIGSTOP);

    public static SignalSet Of(Signal signal) => new(1UL << ((int)signal - 1));

    public bool Contains(Signal signal) => (Bits >> ((int)signal - 1) & 1) != 0;

    public bool IsEmpty => Bits == 0;

    public static SignalSet operator |(SignalSet left, SignalSet right) => new(left.Bits | right.Bits);

    public static SignalSet operator &(SignalSet left, SignalSet right) => new(left.Bits & right.Bits);

    public static SignalSet operator ~(SignalSet set) => new(~set.Bits);
}

/// <summary>What a signal carries (<c>siginfo_t</c>, man 2 sigaction).</summary>
/// <param name="Code">si_code: SI_USER 0, SI_KERNEL 0x80, SI_TKILL -6, SI_QUEUE -1, SI_TIMER -2, CLD_*, SEGV_*, ...</param>
/// <param name="Value">si_value, si_addr or si_status, as the code says.</param>
public readonly record struct SignalInfo(Signal Signal, int Code, int SenderPid, uint SenderUid, ulong Value, ulong SecondValue = 0)
{
    public const int CodeUser = 0;
    public const int CodeKernel = 0x80;
    public const int CodeThread = -6;

    /// <summary>A signal from the kernel itself.</summary>
    public static SignalInfo FromKernel(Signal signal) => new(signal, CodeKernel, 0, 0, 0);
}

/// <summary>Signals of one thread.</summary>
public interface ISignalState
{
    /// <summary>Blocked signals. Setting it rechecks what is pending.</summary>
    SignalSet Blocked { get; set; }

    /// <summary>Pending for the thread or its process.</summary>
    SignalSet Pending { get; }

    /// <summary>Replaces the mask for the length of one call (ppoll, pselect6, epoll_pwait, rt_sigsuspend): the old one comes back after the handler, or at the call's end if none ran.</summary>
    void BlockTemporarily(SignalSet blocked);

    /// <summary>sigaltstack(2).</summary>
    AlternateSignalStack AlternateStack { get; set; }

    /// <summary>True while the user stack pointer lies in the alternate stack.</summary>
    bool IsOnAlternateStack { get; }

    /// <summary>Takes one pending signal of the set (rt_sigtimedwait, signalfd).</summary>
    bool TryDequeue(SignalSet set, out SignalInfo info);

    /// <summary>Notified whenever a signal is queued for the thread or its process (signalfd, rt_sigtimedwait).</summary>
    Files.PollQueue Arrivals { get; }
}

/// <summary>Sends signals. No permission checks here: <see cref="MaySend"/> does them for kill(2).</summary>
public interface ISignalService
{
    /// <summary>To a process: any of its threads may take it.</summary>
    /// <returns>False when the queue of real-time signals is full (RLIMIT_SIGPENDING): EAGAIN for sigqueue(3).</returns>
    bool SendToProcess(IProcess process, in SignalInfo info);

    /// <summary>To one thread.</summary>
    /// <returns>False when the queue of real-time signals is full.</returns>
    bool SendToThread(IThread thread, in SignalInfo info);

    /// <summary>To all processes of a group.</summary>
    /// <returns>False when the group does not exist.</returns>
    bool SendToGroup(int processGroupId, in SignalInfo info);

    /// <summary>kill(2) for a process group, or with 0 for everybody but init and the sender: in one step, so that no process that is being forked gets away.</summary>
    /// <param name="info">With the signal 0 only the permissions are checked.</param>
    /// <returns>Success when one process got it; ESRCH, EPERM, EINVAL, EAGAIN.</returns>
    Errno SendToMany(IThread sender, int processGroupId, in SignalInfo info);

    /// <summary>Permission check of kill(2).</summary>
    bool MaySend(IThread sender, IProcess target, Signal signal);

    /// <summary>True when the thread blocks or ignores the signal (job control of terminals).</summary>
    bool IsBlockedOrIgnored(IThread thread, Signal signal);

    /// <summary>True when the process group has no member whose parent is in the same session but another group (POSIX 3.264).</summary>
    bool IsOrphaned(int processGroupId);
}
