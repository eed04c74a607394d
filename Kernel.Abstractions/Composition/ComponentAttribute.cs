// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// Marks a sealed class that the image builds once. Its single public constructor names what it needs; it offers every interface of
/// <c>Kernel.Abstractions</c> that it implements, and its own class to the assemblies that can see it.
/// </summary>
/// <remarks>
/// Constructor parameters: a contract (exactly one component must offer it), a nullable contract (<see langword="null"/> when no component
/// offers it), or <c>T[]</c> / <c>IReadOnlyList&lt;T&gt;</c> (all components that offer it, in build order).
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public class ComponentAttribute : Attribute
{
    /// <summary>The stage the component belongs to.</summary>
    public InitStage Stage { get; init; } = InitStage.Core;

    /// <summary>
    /// Steps back when another component offers the same contract: a default policy that an image replaces by referencing another assembly.
    /// </summary>
    public bool IsFallback { get; init; }

    /// <summary>
    /// Left out of an image in which nobody offers a contract that it needs, instead of being a compile error. For the calls and files of
    /// a subsystem that an image may lack: its system calls then answer ENOSYS.
    /// </summary>
    public bool IsOptional { get; init; }
}
