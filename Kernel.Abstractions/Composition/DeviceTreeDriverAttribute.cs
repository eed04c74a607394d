// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that drives the device tree nodes with a given <c>compatible</c> string (Devicetree Specification 0.4, 2.3.1).</summary>
/// <param name="compatible">The string to match: <c>ns16550a</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class DeviceTreeDriverAttribute(string compatible) : ComponentAttribute
{
    /// <summary>The string to match.</summary>
    public string Compatible { get; } = compatible;
}
