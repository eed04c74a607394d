// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Runtime;

/// <summary>
/// Makes an <c>extern</c> method (also marked <c>MethodImpl(MethodImplOptions.InternalCall)</c>) a few instructions in place of each call. Asterion.Compiler knows the attribute by its
/// full name.
/// </summary>
/// <param name="template">The instructions, with <c>$0</c>, <c>$1</c>... for operands.</param>
/// <param name="constraints">LLVM's constraints: the result first, then the parameters in their order, then what is overwritten.</param>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class AsmAttribute(string template, string constraints) : Attribute
{
    /// <summary>The instructions.</summary>
    public string Template { get; } = template;

    /// <summary>The operands.</summary>
    public string Constraints { get; } = constraints;
}
