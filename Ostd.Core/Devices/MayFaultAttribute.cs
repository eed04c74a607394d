// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd;

/// <summary>
/// An access in this method may fault, and the fault is an exception. This project's compiler (build/compiler) knows the attribute by its full name: LLVM unwinds from calls alone, so it makes
/// each use of the method one.
/// </summary>
[AttributeUsage(AttributeTargets.Method, Inherited = false)]
internal sealed class MayFaultAttribute : Attribute;
