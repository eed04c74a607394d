// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Terminals;
using Kernel.Process.Signals;

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

    /// <summary>Stop signals and SIGCONT sent to the whole group so far: a process that is forked meanwhile takes part (<see cref="LastStop"/>).</summary>
    public int StopCount { get; private set; }

    /// <summary>The last stop signal sent to the group; none after SIGCONT.</summary>
    public Signal LastStop { get; private set; }

    /// <summary>Unordered; each process knows its place in <see cref="UserProcess.IndexInGroup"/>.</summary>
    public List<UserProcess> Members { get; } = [];

    /// <summary>A signal goes to all members.</summary>
    public void Note(Signal signal)
    {
        if (signal != Signal.SIGCONT && !SignalDispositions.StopSignals.Contains(signal))
            return;
        StopCount++;
        LastStop = signal == Signal.SIGCONT ? Signal.None : signal;
    }

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
