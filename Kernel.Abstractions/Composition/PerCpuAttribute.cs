// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// Marks a sealed class of which the image builds one instance per CPU at boot. Components receive all of them, indexed by CPU number, as a
/// constructor parameter of type <c>T[]</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PerCpuAttribute : Attribute;
