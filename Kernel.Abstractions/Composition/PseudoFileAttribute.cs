// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that gives the contents of one file below <c>/proc</c> or <c>/sys</c>.</summary>
/// <param name="path">The absolute path: <c>/proc/uptime</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class PseudoFileAttribute(string path) : ComponentAttribute
{
    /// <summary>The absolute path.</summary>
    public string Path { get; } = path;

    /// <summary>The permission bits; <c>0444</c> (292) unless told.</summary>
    public int Mode { get; init; } = 0x124;
}
