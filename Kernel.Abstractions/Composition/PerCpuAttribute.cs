// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// Marks a sealed class of which the image builds one instance per CPU; its public constructor takes nothing or the CPU's number.
/// Components receive them all as a constructor parameter of type <c>Ostd.Cpus.PerCpu&lt;T&gt;</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class PerCpuAttribute : Attribute;
