// SPDX-License-Identifier: MPL-2.0
using System.Threading;

namespace Kernel.Abstractions.Files;

/// <summary>
/// Writers against executions of one file: a file open for writing cannot be executed, and one that is executed cannot be opened for writing (ETXTBSY, man 2 execve, man 2 open). Thread-safe.
/// </summary>
public sealed class WriteAccess
{
    /// <summary>Open files that can write, if positive; programs that run from it, if negative.</summary>
    private int _count;

    /// <summary>One more writer; false while a program runs from the file.</summary>
    public bool TryAddWriter() => TryMove(1);

    public void RemoveWriter() => Interlocked.Decrement(ref _count);

    /// <summary>One more program; false while the file is open for writing.</summary>
    public bool TryAddProgram() => TryMove(-1);

    public void RemoveProgram() => Interlocked.Increment(ref _count);

    private bool TryMove(int direction)
    {
        var seen = Volatile.Read(ref _count);
        while (seen * direction >= 0)
        {
            var before = Interlocked.CompareExchange(ref _count, seen + direction, seen);
            if (before == seen)
                return true;
            seen = before;
        }

        return false;
    }
}
