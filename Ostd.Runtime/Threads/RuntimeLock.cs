// SPDX-License-Identifier: MPL-2.0

using System.Threading;

namespace Ostd.Runtime;

/// <summary>A spin lock with interrupts off, for the runtime's own structures. No allocation and no call out of the runtime while it is held.</summary>
internal struct RuntimeLock
{
    private int _isHeld;

    /// <summary>Takes the lock.</summary>
    /// <returns>What <see cref="Exit"/> wants back: how interrupts stood.</returns>
    [InterruptSafe]
    internal nuint Enter()
    {
        while (true)
        {
            nuint flags = ArchRuntime.DisableInterrupts();
            if (Interlocked.CompareExchange(ref _isHeld, 1, 0) == 0)
            {
                return flags;
            }

            // The holder may be collecting, and then waits for this CPU to stop: let its interrupt in, or stand still here where interrupts were off before.
            ArchRuntime.RestoreInterrupts(flags);
            World.Poll();
            ArchRuntime.Pause();
        }
    }

    /// <summary>
    /// As <see cref="Enter"/>, but never stands still in the wait: for locks inside of which nobody waits for anything, where a stop of the world must not come in.
    /// </summary>
    [InterruptSafe]
    internal nuint EnterWithoutPoll()
    {
        nuint flags = ArchRuntime.DisableInterrupts();
        while (Interlocked.CompareExchange(ref _isHeld, 1, 0) != 0)
        {
            ArchRuntime.Pause();
        }

        return flags;
    }

    [InterruptSafe]
    internal void Exit(nuint flags)
    {
        Volatile.Write(ref _isHeld, 0);
        ArchRuntime.RestoreInterrupts(flags);
    }
}
