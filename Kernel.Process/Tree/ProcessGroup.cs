// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions.Terminals;

namespace Kernel.Process.Tree;

/// <summary>A session (man 2 setsid). Guarded by the process table's lock.</summary>
internal sealed class Session(int id)
{
    public int Id { get; } = id;

    /// <summary>The leader; null once it has exited.</summary>
    public UserProcess? Leader { get; set; }

    public ITerminal? ControllingTerminal { get; set; }

    /// <summary>Process groups in it; at 0 the session is gone.</summary>
    public int GroupCount { get; set; }
}

/// <summary>A process group. Guarded by the process table's lock. Zombies are members until they are reaped.</summary>
internal sealed class ProcessGroup(int id, Session session)
{
    public int Id { get; } = id;

    public Session Session { get; } = session;

    /// <summary>Unordered; each process knows its place in <see cref="UserProcess.IndexInGroup"/>.</summary>
    public List<UserProcess> Members { get; } = [];

    public void Add(UserProcess process)
    {
        process.IndexInGroup = Members.Count;
        process.Group = this;
        Members.Add(process);
    }

    public void Remove(UserProcess process)
    {
        var last = Members[^1];
        Members[process.IndexInGroup] = last;
        last.IndexInGroup = process.IndexInGroup;
        Members.RemoveAt(Members.Count - 1);
    }
}
