// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;

namespace Kernel.Syscalls;

/// <summary>User and group ids (man 7 credentials): get*id(2), set*id(2), getgroups(2), setgroups(2).</summary>
[Component(Stage = InitStage.Late)]
public sealed class UserIds
{
    /// <summary>"Leave as it is" in the calls that set several ids.</summary>
    private const uint Unchanged = uint.MaxValue;

    private const int MaximumGroups = 65536;

    [Syscall("getuid")]
    public long GetUid(SyscallContext context) => context.Thread.Credentials.RealUid;

    [Syscall("geteuid")]
    public long GetEffectiveUid(SyscallContext context) => context.Thread.Credentials.EffectiveUid;

    [Syscall("getgid")]
    public long GetGid(SyscallContext context) => context.Thread.Credentials.RealGid;

    [Syscall("getegid")]
    public long GetEffectiveGid(SyscallContext context) => context.Thread.Credentials.EffectiveGid;

    [Syscall("getresuid")]
    public Errno GetAllUids(SyscallContext context, UserPtr<uint> real, UserPtr<uint> effective, UserPtr<uint> saved)
    {
        var own = context.Thread.Credentials;
        return WriteAll(real, effective, saved, own.RealUid, own.EffectiveUid, own.SavedUid);
    }

    [Syscall("getresgid")]
    public Errno GetAllGids(SyscallContext context, UserPtr<uint> real, UserPtr<uint> effective, UserPtr<uint> saved)
    {
        var own = context.Thread.Credentials;
        return WriteAll(real, effective, saved, own.RealGid, own.EffectiveGid, own.SavedGid);
    }

    [Syscall("setuid")]
    public Errno SetUid(SyscallContext context, uint uid)
    {
        var old = context.Thread.Credentials;
        if (uid == Unchanged)
            return Errno.EINVAL;
        if (old.HasCapability(Capability.CAP_SETUID))
            return Become(context, old, old with { RealUid = uid, SavedUid = uid, EffectiveUid = uid, FileSystemUid = uid });
        if (uid != old.RealUid && uid != old.SavedUid)
            return Errno.EPERM;
        return Become(context, old, old with { EffectiveUid = uid, FileSystemUid = uid });
    }

    [Syscall("setgid")]
    public Errno SetGid(SyscallContext context, uint gid)
    {
        var old = context.Thread.Credentials;
        if (gid == Unchanged)
            return Errno.EINVAL;
        if (old.HasCapability(Capability.CAP_SETGID))
            return Become(context, old, old with { RealGid = gid, SavedGid = gid, EffectiveGid = gid, FileSystemGid = gid });
        if (gid != old.RealGid && gid != old.SavedGid)
            return Errno.EPERM;
        return Become(context, old, old with { EffectiveGid = gid, FileSystemGid = gid });
    }

    [Syscall("setreuid")]
    public Errno SetRealAndEffectiveUid(SyscallContext context, uint real, uint effective)
    {
        var old = context.Thread.Credentials;
        var isPrivileged = old.HasCapability(Capability.CAP_SETUID);
        if (real != Unchanged && !isPrivileged && real != old.RealUid && real != old.EffectiveUid)
            return Errno.EPERM;
        if (effective != Unchanged && !isPrivileged && effective != old.RealUid && effective != old.EffectiveUid && effective != old.SavedUid)
            return Errno.EPERM;
        var newReal = real == Unchanged ? old.RealUid : real;
        var newEffective = effective == Unchanged ? old.EffectiveUid : effective;

        // man 2 setreuid: the saved id follows the effective one when the real id is set, or the effective one to something else than the old real one.
        var saved = real != Unchanged || (effective != Unchanged && effective != old.RealUid) ? newEffective : old.SavedUid;
        return Become(context, old, old with { RealUid = newReal, EffectiveUid = newEffective, SavedUid = saved, FileSystemUid = newEffective });
    }

    [Syscall("setregid")]
    public Errno SetRealAndEffectiveGid(SyscallContext context, uint real, uint effective)
    {
        var old = context.Thread.Credentials;
        var isPrivileged = old.HasCapability(Capability.CAP_SETGID);
        if (real != Unchanged && !isPrivileged && real != old.RealGid && real != old.EffectiveGid)
            return Errno.EPERM;
        if (effective != Unchanged && !isPrivileged && effective != old.RealGid && effective != old.EffectiveGid && effective != old.SavedGid)
            return Errno.EPERM;
        var newReal = real == Unchanged ? old.RealGid : real;
        var newEffective = effective == Unchanged ? old.EffectiveGid : effective;
        var saved = real != Unchanged || (effective != Unchanged && effective != old.RealGid) ? newEffective : old.SavedGid;
        return Become(context, old, old with { RealGid = newReal, EffectiveGid = newEffective, SavedGid = saved, FileSystemGid = newEffective });
    }

    [Syscall("setresuid")]
    public Errno SetAllUids(SyscallContext context, uint real, uint effective, uint saved)
    {
        var old = context.Thread.Credentials;
        if (!old.HasCapability(Capability.CAP_SETUID) && !(IsOwnUid(old, real) && IsOwnUid(old, effective) && IsOwnUid(old, saved)))
            return Errno.EPERM;
        var newEffective = effective == Unchanged ? old.EffectiveUid : effective;
        return Become(context, old, old with
        {
            RealUid = real == Unchanged ? old.RealUid : real,
            EffectiveUid = newEffective,
            SavedUid = saved == Unchanged ? old.SavedUid : saved,
            FileSystemUid = newEffective,
        });
    }

    [Syscall("setresgid")]
    public Errno SetAllGids(SyscallContext context, uint real, uint effective, uint saved)
    {
        var old = context.Thread.Credentials;
        if (!old.HasCapability(Capability.CAP_SETGID) && !(IsOwnGid(old, real) && IsOwnGid(old, effective) && IsOwnGid(old, saved)))
            return Errno.EPERM;
        var newEffective = effective == Unchanged ? old.EffectiveGid : effective;
        return Become(context, old, old with
        {
            RealGid = real == Unchanged ? old.RealGid : real,
            EffectiveGid = newEffective,
            SavedGid = saved == Unchanged ? old.SavedGid : saved,
            FileSystemGid = newEffective,
        });
    }

    [Syscall("setfsuid")]
    public long SetFileSystemUid(SyscallContext context, uint uid)
    {
        var old = context.Thread.Credentials;
        if (uid != Unchanged && (old.HasCapability(Capability.CAP_SETUID) || IsOwnUid(old, uid) || uid == old.FileSystemUid))
            context.Thread.Credentials = CapabilityRules.AfterFileSystemUidChange(old with { FileSystemUid = uid }, old.FileSystemUid);
        return old.FileSystemUid;
    }

    [Syscall("setfsgid")]
    public long SetFileSystemGid(SyscallContext context, uint gid)
    {
        var old = context.Thread.Credentials;
        if (gid != Unchanged && (old.HasCapability(Capability.CAP_SETGID) || IsOwnGid(old, gid) || gid == old.FileSystemGid))
            context.Thread.Credentials = old with { FileSystemGid = gid };
        return old.FileSystemGid;
    }

    [Syscall("getgroups")]
    public Result<int> GetGroups(SyscallContext context, int size, UserPtr<uint> list)
    {
        var groups = context.Thread.Credentials.Groups;
        if (size < 0)
            return Errno.EINVAL;
        if (size == 0)
            return groups.Length;
        if (groups.Length > size)
            return Errno.EINVAL;
        for (var i = 0; i < groups.Length; i++)
        {
            if (list[i].Write(groups[i]) != Errno.Success)
                return Errno.EFAULT;
        }

        return groups.Length;
    }

    [Syscall("setgroups")]
    public Errno SetGroups(SyscallContext context, int size, UserPtr<uint> list)
    {
        var old = context.Thread.Credentials;
        if (!old.HasCapability(Capability.CAP_SETGID))
            return Errno.EPERM;
        if (size is < 0 or > MaximumGroups)
            return Errno.EINVAL;
        var groups = new uint[size];
        for (var i = 0; i < size; i++)
        {
            if (!list[i].Read().TryGet(out groups[i], out var error))
                return error;
        }

        // Kept sorted, as Linux does: getgroups(2) shows it.
        Array.Sort(groups);
        context.Thread.Credentials = old with { Groups = groups };
        return Errno.Success;
    }

    private static bool IsOwnUid(Credentials own, uint uid) => uid == Unchanged || uid == own.RealUid || uid == own.EffectiveUid || uid == own.SavedUid;

    private static bool IsOwnGid(Credentials own, uint gid) => gid == Unchanged || gid == own.RealGid || gid == own.EffectiveGid || gid == own.SavedGid;

    private static Errno Become(in SyscallContext context, Credentials old, Credentials wanted)
    {
        var thread = context.Thread;
        thread.Credentials = CapabilityRules.AfterUidChange(wanted, old, thread.Attributes);

        // man 2 prctl, PR_SET_DUMPABLE: a process that changes its effective identity keeps its memory to itself.
        if (wanted.EffectiveUid != old.EffectiveUid || wanted.EffectiveGid != old.EffectiveGid)
            thread.Process.IsDumpable = false;
        return Errno.Success;
    }

    private static Errno WriteAll(UserPtr<uint> first, UserPtr<uint> second, UserPtr<uint> third, uint real, uint effective, uint saved)
    {
        var error = first.Write(real);
        if (error == Errno.Success)
            error = second.Write(effective);
        return error == Errno.Success ? third.Write(saved) : error;
    }
}
