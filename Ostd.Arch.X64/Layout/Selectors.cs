// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch.Layout;

/// <summary>
/// Segment selectors. The user's are the ones that Linux has, because programs can see them. There is no 32-bit code segment: compatibility mode is not entered.
/// </summary>
internal static class Selectors
{
    public const int KernelCode = 0x10;
    public const int KernelData = 0x18;

    /// <summary>SYSRET takes its segments relative to this: SS at +8, CS at +16. The entry itself is empty.</summary>
    public const int SysretBase = 0x23;

    public const int UserData = 0x2b;
    public const int UserCode = 0x33;
    public const int TaskState = 0x40;

    /// <summary>Entries of the GDT, the two of the task state segment included.</summary>
    public const int EntryCount = 10;

    // Interrupt stack table slots (1 to 7) for what must not trust the current stack.
    public const int DoubleFaultStack = 1;
    public const int NmiStack = 2;
    public const int MachineCheckStack = 3;
}
