// SPDX-License-Identifier: MPL-2.0
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>
/// Keeps the kernel's log away from the early console's device until disposed: for the driver of that device, while it looks for room and fills it. Nothing may be logged meanwhile. Held with interrupts off;
/// innermost of all locks.
/// </summary>
[MustNotCopy]
public ref struct ConsoleGuard
{
    private static RawSpinLock s_lock;

    private bool _wereEnabled;
    private bool _isHeld;

    /// <summary>Takes the console's lock, with this CPU's interrupts off. Spins until it is free; not recursive.</summary>
    [InterruptSafe]
    public static ConsoleGuard Acquire() => new() { _wereEnabled = s_lock.Enter(), _isHeld = true };

    /// <summary>Gives the lock back and turns interrupts on if they were on before. A second time has no effect.</summary>
    [InterruptSafe]
    public void Dispose()
    {
        if (_isHeld)
        {
            _isHeld = false;
            s_lock.Exit(_wereEnabled);
        }
    }
}
