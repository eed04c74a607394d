// SPDX-License-Identifier: MPL-2.0

namespace Ostd.Runtime;

/// <summary>
/// The registers of a frame on an architecture where a call leaves its return address in a register: IP, then 32 integer and 32 floating-point registers in the order of their numbers
/// in call frame instructions. What a call may overwrite is not kept up. The floating-point ones are there because these calling conventions, unlike x86-64's, preserve some.
/// </summary>
// SAFETY: the indexes into the array are constants of UnwindRegisters, below Count; From reads the context only, which its caller has filled in.
internal unsafe struct RegisterDisplay
{
    internal nuint Ip;
    internal fixed ulong Values[UnwindRegisters.Count];

    internal nuint Sp
    {
        readonly get => (nuint)Values[UnwindRegisters.StackPointer];
        set => Values[UnwindRegisters.StackPointer] = value;
    }

    /// <summary>The registers at a place of execution, as far as they outlive a call.</summary>
    [InterruptSafe]
    internal static RegisterDisplay From(LimitedContext* context) => context->Registers;

    /// <summary>What makes execution go on with these registers.</summary>
    internal readonly LimitedContext ToContext() => new() { Registers = this };
}

/// <summary>The registers at a throw site. The assembly of the throw stubs knows the layout, and fills in what calls preserve.</summary>
internal struct LimitedContext
{
    internal RegisterDisplay Registers;
}
