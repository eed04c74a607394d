// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>A component that makes the sockets of one address family.</summary>
/// <param name="family">The family as in <c>socket(2)</c>: 1 for AF_UNIX, 2 for AF_INET, ...</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true, Inherited = false)]
public sealed class SocketFamilyAttribute(int family) : ComponentAttribute
{
    /// <summary>The family as in <c>socket(2)</c>.</summary>
    public int Family { get; } = family;
}
