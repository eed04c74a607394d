// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd.Boot;

/// <summary>
/// Marks the method at which OSTD enters a kernel that is written on OSTD alone: static, without parameters and result. It runs on the first task, with memory, interrupts, timers and all CPUs up; when it
/// returns, that task ends and the others go on. An image holds one; images of components have a generated one instead.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class KernelMainAttribute : Attribute;
