// SPDX-License-Identifier: MPL-2.0
namespace Ostd.Arch;

/// <summary>Divisions do not trap on this architecture (LoongArch Reference Manual 1.10, volume 1, section 2.2.1.12): the compiler checks operands.</summary>
// SAFETY: declares a pointer and follows none.
public static unsafe class DivideInstruction
{
    /// <summary>Whether it was the quotient that does not fit.</summary>
    [InterruptSafe]
    public static bool IsOverflow(TrapFrame* frame) => false;
}
