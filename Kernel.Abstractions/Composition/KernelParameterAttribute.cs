// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// A settable property of a component that the kernel command line sets: <c>name=value</c>. It is set right after the component's constructor,
/// before anything that depends on the component is built.
/// </summary>
/// <param name="name">The name on the command line: <c>console</c>, <c>gc.stress</c>.</param>
/// <remarks>
/// The property may be a <see langword="string"/>, an integer type (decimal, <c>0x</c>, or with a K/M/G suffix) or a <see langword="bool"/>
/// (<c>1</c>, <c>y</c>, <c>on</c>, <c>true</c>, or the name alone; and their opposites). A value that does not parse leaves the default and is logged.
/// </remarks>
[AttributeUsage(AttributeTargets.Property, Inherited = false)]
public sealed class KernelParameterAttribute(string name) : Attribute
{
    /// <summary>The name on the command line.</summary>
    public string Name { get; } = name;
}
