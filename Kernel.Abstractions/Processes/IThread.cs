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

    /// <summary>Where exit writes 0 and wakes a futex (set_tid_address); 0 for nowhere.</summary>
    ulong ClearChildTid { get; set; }

    /// <summary>Head of the robust futex list, and its size.</summary>
    ulong RobustListHead { get; set; }

    /// <summary>True when the system call under way should end early: a signal that would run a handler, stop or kill is pending.</summary>
    bool HasDeliverableSignal { get; }
}

/// <summary>Finds the running user thread.</summary>
public static class CurrentThread
{
    /// <summary>The thread of the running task; null in kernel tasks.</summary>
    public static IThread? OrNull => Task.Current.Data as IThread;

    /// <summary>The thread of the running task, which must be a user thread.</summary>
    public static IThread Value => (IThread)Task.Current.Data!;
}
