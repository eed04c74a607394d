// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that drives PCI functions. A value of -1 matches anything.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class PciDriverAttribute : ComponentAttribute
{
    /// <summary>The vendor id, configuration space offset 0.</summary>
    public int Vendor { get; init; } = -1;

    /// <summary>The device id, configuration space offset 2.</summary>
    public int Device { get; init; } = -1;

    /// <summary>Base class, sub-class and programming interface as one 24-bit number, configuration space offset 9.</summary>
    public int ClassCode { get; init; } = -1;

    /// <summary>The bits of <see cref="ClassCode"/> that must match.</summary>
    public int ClassMask { get; init; } = 0xffffff;
}
