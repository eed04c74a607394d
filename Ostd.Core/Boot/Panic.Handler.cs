// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Arch;
using Ostd.Tasks;

namespace Ostd.Boot;

/// <content>The injected handler.</content>
public static partial class Panic
{
    private static IPanicHandler? s_handler;

    /// <summary>Installs what is called at the end of a panic, in the place of the one before; null for none.</summary>
    public static void Install(IPanicHandler? handler) => Volatile.Write(ref s_handler, handler);

    /// <summary>Called in each loop that waits for a lock: after a panic its holder may be a CPU that was stopped.</summary>
    [InterruptSafe]
    internal static void CheckNotStopped()
    {
        if (IsActive)
        {
            Halt("a lock is waited for that a CPU held when the panic stopped it");
        }
    }

    private static void CallHandler(string reason)
    {
        // A panic within the panic comes here too, from the handler or from before it.
        if (s_depth != 1 || s_handler is not IPanicHandler handler)
        {
            return;
        }

        try
        {
            TaskRuntime.ForbidAllocation();
            handler.OnPanic(reason);
        }
        catch (Exception)
        {
            SerialConsole.Write("The panic handler has thrown an exception.\n");
        }
    }
}
