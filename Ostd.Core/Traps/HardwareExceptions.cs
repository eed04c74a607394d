// SPDX-License-Identifier: MPL-2.0
using Ostd.Arch;

namespace Ostd.Traps;

/// <summary>CPU faults of C# code that become exceptions.</summary>
internal enum HardwareException
{
    NullReference,
    DivideByZero,
}

/// <summary>Turns a fault of compiled C# into an exception at the faulting instruction.</summary>
internal static unsafe class HardwareExceptions
{
    /// <summary>Makes the trap return into the runtime's throw helper instead of the faulting instruction.</summary>
    /// <returns>False when the instruction is not compiled C#: a bug of a stub's, for which there is nobody to catch.</returns>
    public static bool TryRaise(TrapFrame* frame, HardwareException exception)
    {
        _ = exception;
        _ = frame;
        return false;
    }
}
