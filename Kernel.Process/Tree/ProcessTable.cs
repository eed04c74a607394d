// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Process.Tree;

/// <summary>
/// All processes, threads, process groups and sessions, by number. <see cref="Lock"/> guards the whole tree: who is whose child, which group and session, states, dispositions
/// and pending signals. It is held for short walks only and never across anything that sleeps.
/// </summary>
[Component]
public sealed class ProcessTable : IProcessTable
{
    private readonly PidAllocator _pids = new();
    private readonly Entry?[] _entries = new Entry?[PidAllocator.Limit];
    private readonly Dictionary<uint, int> _threadsPerUser = [];
    private int _processCount;
    private int _threadCount;

    /// <summary>What a number stands for. It is free again when it stands for nothing.</summary>
    private sealed class Entry
    {
        public UserThread? Thread;
        public UserProcess? Process;
        public ProcessGroup? Group;
        public Session? Session;

        public bool IsEmpty => Thread is null && Process is null && Group is null && Session is null;
    }

    internal ProcessTable(int maximumThreads) => MaximumThreads = maximumThreads;

    public ProcessTable()
        : this(ThreadsThatFit())
    {
    }

    internal SpinLock Lock { get; } = new();

    /// <summary>Threads that may exist at once: kernel stacks take at most an eighth of the memory (Linux's threads-max).</summary>
    internal int MaximumThreads { get; }

    /// <summary>Pid 1.</summary>
    internal UserProcess? Init { get; set; }

    public int Count => _processCount;

    internal int ThreadCount => _threadCount;

    public int LastPid => _pids.Last;

    public long ForkCount { get; private set; }

    public IReadOnlyList<IProcess> Processes
    {
        get
        {
            var list = new List<IProcess>(_processCount + 16);
            using var guard = Lock.Acquire();
            for (var pid = 1; pid < _entries.Length; pid++)
            {
                if (_entries[pid]?.Process is { } process)
                    list.Add(process);
            }

            return list;
        }
    }

    IProcess? IProcessTable.FindProcess(int pid) => FindProcess(pid);

    IThread? IProcessTable.FindThread(int tid) => FindThread(tid);

    internal UserProcess? FindProcess(int pid) => pid is > 0 and < PidAllocator.Limit ? _entries[pid]?.Process : null;

    internal UserThread? FindThread(int tid) => tid is > 0 and < PidAllocator.Limit ? _entries[tid]?.Thread : null;

    /// <summary>The process that has most memory mapped, init excepted; null when there is no other.</summary>
    internal UserProcess? FindLargestLocked()
    {
        UserProcess? largest = null;
        long most = 0;
        for (var pid = 2; pid < _entries.Length; pid++)
        {
            // A process without an address space is a zombie.
            if (_entries[pid]?.Process is { AddressSpace: { } space } process && space.ResidentBytes is var resident && resident > most)
            {
                largest = process;
                most = resident;
            }
        }

        return largest;
    }

    /// <summary>The process with the next higher pid; null after the last.</summary>
    internal UserProcess? FindNextProcessLocked(int pid)
    {
        while (++pid < _entries.Length)
        {
            if (_entries[pid]?.Process is { } process)
                return process;
        }

        return null;
    }

    internal ProcessGroup? FindGroupLocked(int id) => id is >= 0 and < PidAllocator.Limit ? _entries[id]?.Group : null;

    internal Session? FindSessionLocked(int id) => id is >= 0 and < PidAllocator.Limit ? _entries[id]?.Session : null;

    /// <summary>Threads of a user, for RLIMIT_NPROC.</summary>
    internal int CountThreadsLocked(uint uid) => _threadsPerUser.GetValueOrDefault(uid);

    /// <summary>
    /// Takes a pid for a thread of the user, and counts the thread from here on: several that are being made at once keep the limits together. EAGAIN when all are in use, EEXIST when the wanted one is.
    /// </summary>
    internal Result<int> AllocatePidLocked(int wanted, uint uid)
    {
        if (_threadCount >= MaximumThreads)
            return Errno.EAGAIN;
        var pid = wanted;
        if (wanted != 0 && !_pids.TryAllocateExactly(wanted))
            return Errno.EEXIST;
        if (wanted == 0 && !_pids.TryAllocate(out pid))
            return Errno.EAGAIN;
        _threadCount++;
        CountForUser(uid);
        return pid;
    }

    /// <summary>Gives a pid back that was never put to use.</summary>
    internal void ReturnPidLocked(int pid, uint uid)
    {
        _pids.Free(pid);
        _threadCount--;
        ReleaseUser(uid);
    }

    /// <summary>Enters a thread, which has been counted when its pid was taken.</summary>
    internal void AddThreadLocked(UserThread thread)
    {
        EntryOf(thread.Tid).Thread = thread;
        thread.AccountedUid = thread.Credentials.RealUid;
        ForkCount++;
    }

    internal void RemoveThreadLocked(UserThread thread)
    {
        ReleaseUser(thread.AccountedUid);
        _threadCount--;
        var entry = EntryOf(thread.Tid);
        if (ReferenceEquals(entry.Thread, thread))
        {
            entry.Thread = null;
            FreeIfEmpty(thread.Tid, entry);
        }
    }

    /// <summary>The thread takes over the number of the process that it executes a new program in (man 2 execve: "the thread becomes the leader").</summary>
    internal void RenumberThreadLocked(UserThread thread, int tid)
    {
        var old = thread.Tid;
        var entry = EntryOf(old);
        entry.Thread = null;
        thread.Tid = tid;
        EntryOf(tid).Thread = thread;
        FreeIfEmpty(old, entry);
    }

    /// <summary>The real uid of the thread has changed: it counts for another user.</summary>
    internal void MoveUserLocked(UserThread thread, uint uid)
    {
        if (thread.AccountedUid == uid)
            return;
        ReleaseUser(thread.AccountedUid);
        thread.AccountedUid = uid;
        CountForUser(uid);
    }

    internal void AddProcessLocked(UserProcess process)
    {
        EntryOf(process.Pid).Process = process;
        _processCount++;
    }

    internal void RemoveProcessLocked(UserProcess process)
    {
        if (process.Group is { } group)
        {
            group.Remove(process);
            process.Group = null;
            DropIfEmptyLocked(group);
        }

        var entry = EntryOf(process.Pid);
        entry.Process = null;
        _processCount--;
        FreeIfEmpty(process.Pid, entry);
    }

    /// <summary>Makes a session with one group in it, both with the given number.</summary>
    internal ProcessGroup AddSessionLocked(int id)
    {
        var session = new Session(id);
        EntryOf(id).Session = session;
        return AddGroupLocked(id, session);
    }

    internal ProcessGroup AddGroupLocked(int id, Session session)
    {
        var group = new ProcessGroup(id, session);
        EntryOf(id).Group = group;
        session.GroupCount++;
        return group;
    }

    /// <summary>Moves a process to another group, or into its first one. It is never in none: getpgrp(2) and terminals look without the lock.</summary>
    internal void JoinGroupLocked(UserProcess process, ProcessGroup group)
    {
        var old = process.Group;
        old?.Remove(process);
        group.Add(process);
        if (old is not null)
            DropIfEmptyLocked(old);
    }

    private void DropIfEmptyLocked(ProcessGroup group)
    {
        if (group.Members.Count != 0)
            return;

        var entry = EntryOf(group.Id);
        entry.Group = null;
        FreeIfEmpty(group.Id, entry);
        if (--group.Session.GroupCount == 0)
        {
            entry = EntryOf(group.Session.Id);
            entry.Session = null;
            FreeIfEmpty(group.Session.Id, entry);
        }
    }

    private static int ThreadsThatFit()
    {
        const int KernelStackBytes = 32 << 10;
        var memory = PhysicalMemory.TotalPages * Paging.PageSizeBytes;
        return (int)System.Math.Clamp(memory / (8 * KernelStackBytes), 128, PidAllocator.Limit - 1);
    }

    private Entry EntryOf(int number) => _entries[number] ??= new Entry();

    private void FreeIfEmpty(int number, Entry entry)
    {
        if (number == 0 || !entry.IsEmpty || _entries[number] is null)
            return;
        _entries[number] = null;
        _pids.Free(number);
    }

    private void CountForUser(uint uid) => _threadsPerUser[uid] = _threadsPerUser.GetValueOrDefault(uid) + 1;

    private void ReleaseUser(uint uid)
    {
        var count = _threadsPerUser[uid] - 1;
        if (count == 0)
            _threadsPerUser.Remove(uid);
        else
            _threadsPerUser[uid] = count;
    }
}
