// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Composition;

namespace Kernel.Abstractions.Processes;

/// <summary>Flags of clone(2) and clone3(2).</summary>
[Flags]
[AllowUndefinedFlags]
public enum CloneFlags : ulong
{
    None = 0,

    /// <summary>CSIGNAL: the exit signal in the low byte of clone(2)'s flags.</summary>
    CSIGNAL = 0xff,
    CLONE_NEWTIME = 0x80,
    CLONE_VM = 0x100,
    CLONE_FS = 0x200,
    CLONE_FILES = 0x400,
    CLONE_SIGHAND = 0x800,
    CLONE_PIDFD = 0x1000,
    CLONE_PTRACE = 0x2000,
    CLONE_VFORK = 0x4000,
    CLONE_PARENT = 0x8000,
    CLONE_THREAD = 0x10000,
    CLONE_NEWNS = 0x20000,
    CLONE_SYSVSEM = 0x40000,
    CLONE_SETTLS = 0x80000,
    CLONE_PARENT_SETTID = 0x100000,
    CLONE_CHILD_CLEARTID = 0x200000,
    CLONE_DETACHED = 0x400000,
    CLONE_UNTRACED = 0x800000,
    CLONE_CHILD_SETTID = 0x1000000,
    CLONE_NEWCGROUP = 0x2000000,
    CLONE_NEWUTS = 0x4000000,
    CLONE_NEWIPC = 0x8000000,
    CLONE_NEWUSER = 0x10000000,
    CLONE_NEWPID = 0x20000000,
    CLONE_NEWNET = 0x40000000,
    CLONE_IO = 0x80000000,
    CLONE_CLEAR_SIGHAND = 0x100000000,
    CLONE_INTO_CGROUP = 0x200000000,

    /// <summary>All that make a new namespace.</summary>
    Namespaces = CLONE_NEWTIME | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET,
}

/// <summary>What clone is asked for (<c>struct clone_args</c>); the exit signal is apart from the flags.</summary>
/// <param name="ExitSignal">Sent to the parent at exit; 0 for none.</param>
/// <param name="StackPointer">The child's first stack pointer; 0 to keep the parent's.</param>
/// <param name="WantedPid">set_tid of clone3: the pid wanted, or 0.</param>
public readonly record struct CloneArguments(
    CloneFlags Flags, int ExitSignal = 0, ulong StackPointer = 0, ulong ParentTidAddress = 0, ulong ChildTidAddress = 0, ulong ThreadPointer = 0, int WantedPid = 0);

/// <summary>Makes processes and threads.</summary>
public interface ICloneService
{
    /// <summary>clone(2).</summary>
    /// <returns>The child's thread id; EAGAIN at a limit, EINVAL for flags that do not go together, ENOMEM.</returns>
    Result<int> Clone(IThread caller, in CloneArguments arguments);
}
