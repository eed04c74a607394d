// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime;

/// <summary>
/// Makes an <c>extern</c> method (also marked <c>MethodImpl(MethodImplOptions.InternalCall)</c>) a few instructions in place of each call. Asterion.Compiler knows the attribute by its
/// full name. A method has one for each architecture on which it is called.
/// </summary>
/// <param name="template">The instructions, with <c>$0</c>, <c>$1</c>... for operands and <c>$$</c> for a dollar. An integer shorter than a register is extended by its type.</param>
/// <param name="constraints">LLVM's constraints: the result first, then the parameters in their order, then what is overwritten.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class AsmAttribute(string template, string constraints) : Attribute
{
    /// <summary>The instructions.</summary>
    public string Template { get; } = template;

    /// <summary>The operands.</summary>
    public string Constraints { get; } = constraints;

    /// <summary>The compiler's target that they are for (<c>x64</c>, <c>riscv64</c>, <c>loongarch64</c>); null: all that have none of their own.</summary>
    public string? Architecture { get; init; }
}
