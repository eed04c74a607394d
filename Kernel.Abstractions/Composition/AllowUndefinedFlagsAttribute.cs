// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// On a <c>[Flags]</c> enum parameter of a system call handler, or on the enum itself: bits that the enum does not define reach the handler
/// instead of answering EINVAL. For the calls that ignore unknown flags, such as <c>open(2)</c>, or that check them later or with another errno.
/// </summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Enum, Inherited = false)]
public sealed class AllowUndefinedFlagsAttribute : Attribute;
