// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Signals;
using Ostd.Tasks;
using Ostd.User;

namespace Kernel.Abstractions.Processes;

/// <summary>A user thread: what <c>clone</c> makes and <c>gettid</c> names.</summary>
public interface IThread
{
    /// <summary>Thread id: the pid for the first thread of a process.</summary>
    int Tid { get; }

    IProcess Process { get; }

    Task Task { get; }

    /// <summary>User registers. Touched by the thread itself only, or before it starts.</summary>
    UserContext Context { get; }

    /// <summary>The command name of at most 15 bytes (man 2 prctl, PR_SET_NAME).</summary>
    string CommandName { get; set; }

    Credentials Credentials { get; set; }

    /// <summary>Open files; may be shared with other threads and processes (CLONE_FILES).</summary>
    IFileTable Files { get; }

    /// <summary>Root, working directory and umask; may be shared (CLONE_FS).</summary>
    IFileSystemContext FileSystem { get; }

    /// <summary>Signals blocked and pending for this thread.</summary>
    ISignalState Signals { get; }

    /// <summary>Scratch space for two paths of the call under way (each <see cref="Syscalls.UserPath.MaxLength"/> bytes), so that path calls allocate nothing.</summary>
    byte[] PathBuffer { get; }

    byte[] SecondPathBuffer { get; }

    /// <summary>How a call with a relative time-out goes on after a stop (man 2 restart_syscall); set before <see cref="Errno.RestartThroughBlock"/> is returned.</summary>
    RestartBlock? RestartBlock { get; set; }

    /// <summary>What prctl(2) and personality(2) set.</summary>
    ThreadAttributes Attributes { get; }

    /// <summary>unshare(2): its own copy of the file table, of root, working directory and umask.</summary>
    void Unshare(bool files, bool fileSystem);

    /// <summary>The state letter of <c>/proc/pid/task/tid/stat</c>.</summary>
    ProcessState State { get; }

    /// <summary>Where exit writes 0 and wakes a futex (set_tid_address); 0 for nowhere.</summary>
    ulong ClearChildTid { get; set; }

    /// <summary>Head of the robust futex list, and its size.</summary>
    ulong RobustListHead { get; set; }

    /// <summary>True when the system call under way should end early: a signal that would run a handler, stop or kill is pending.</summary>
    bool HasDeliverableSignal { get; }
}

/// <summary>The rest of a system call that a stop signal interrupted (man 2 restart_syscall).</summary>
public abstract class RestartBlock
{
    /// <summary>Goes on; the result is that of the interrupted call.</summary>
    public abstract Syscalls.SyscallResult Resume(in Syscalls.SyscallContext context);
}

/// <summary>Attributes of one thread that nothing but prctl(2), personality(2), execve(2) and /proc touch.</summary>
public sealed class ThreadAttributes
{
    /// <summary>PR_SET_PDEATHSIG: the signal that the thread gets when its parent dies.</summary>
    public Signal ParentDeathSignal { get; set; }

    /// <summary>PR_SET_NO_NEW_PRIVS: execve gives no privileges; inherited, never taken back.</summary>
    public bool HasNoNewPrivileges { get; set; }

    /// <summary>PR_SET_KEEPCAPS: permitted capabilities survive the loss of uid 0; cleared by execve.</summary>
    public bool KeepsCapabilities { get; set; }

    /// <summary>PR_SET_SECUREBITS.</summary>
    public uint SecureBits { get; set; }

    /// <summary>PR_CAP_AMBIENT.</summary>
    public ulong AmbientCapabilities { get; set; }

    /// <summary>PR_SET_TIMERSLACK, in nanoseconds.</summary>
    public long TimerSlackNs { get; set; } = 50_000;

    /// <summary>personality(2).</summary>
    public uint Personality { get; set; }

    /// <summary>Allocations in its system calls may be made to fail (<c>/proc/pid/make-it-fail</c>); inherited.</summary>
    public bool MeetsAllocationFailures { get; set; }

    /// <summary>A copy, for clone.</summary>
    public ThreadAttributes Clone() => (ThreadAttributes)MemberwiseClone();
}

/// <summary>Finds the running user thread.</summary>
public static class CurrentThread
{
    /// <summary>The thread of the running task; null in kernel tasks.</summary>
    public static IThread? OrNull => Task.Current.Data as IThread;

    /// <summary>The thread of the running task, which must be a user thread.</summary>
    public static IThread Value => (IThread)Task.Current.Data!;
}
