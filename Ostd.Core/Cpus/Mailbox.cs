// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Cpus;

/// <summary>What other CPUs want from one CPU. Words that are changed by interlocked operations alone; the CPU is interrupted when one of them becomes other than 0.</summary>
internal sealed class Mailbox
{
    /// <summary>1: its running task should give way.</summary>
    public int Reschedule;

    /// <summary>CPUs, bit by bit, whose <see cref="Memory.FlushRequest"/> waits for it.</summary>
    public long Flushers;

    /// <summary>The latest request of <see cref="WorldControl"/> that it has seen. Its own alone.</summary>
    public int AnsweredRequest;
}
