// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>What the shared description of traps asks for.</summary>
internal static class ControlRegisters
{
    /// <summary>The address of the last page fault: there are none.</summary>
    [InterruptSafe]
    public static ulong ReadCr2() => 0;
}
