// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd.Testing;

/// <summary>
/// A test that runs inside the kernel: a <see langword="void"/> method without parameters, either static or an instance method of a component.
/// It passes when it returns and fails when it throws.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
public sealed class KernelTestAttribute : Attribute;
