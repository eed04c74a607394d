// SPDX-License-Identifier: MPL-2.0

using System;

namespace Ostd;

// This file is compiled into Ostd.Runtime, Ostd.Arch and Ostd.Core, where the attributes are public: clients see Ostd.Core alone. The analyzers know them by name.

/// <summary>
/// Allocates nothing, throws nothing and runs no lazy static constructor: the method, or all methods of the type. On an interface's or a base class's member it binds those that implement it;
/// on a delegate type, and on a
/// field or parameter that holds a function pointer, it binds what is made into one. Analyzers (OST2009 to OST2012) keep it, and let it call only what is marked as well.
/// </summary>
/// <remarks>
/// Left out are what a bug throws (null references, bounds of arrays, <c>ThrowIf</c> helpers) and what does not return: in an interrupt handler both are a panic.
/// </remarks>
[AttributeUsage(
    AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Delegate
    | AttributeTargets.Field | AttributeTargets.Parameter,
    Inherited = false)]
sealed partial class NoAllocAttribute : Attribute;

/// <summary>
/// May run in an interrupt handler, or with interrupts off under the scheduler's locks: all that <see cref="NoAllocAttribute"/> says, and it never sleeps. It calls only what is marked
/// <see cref="InterruptSafeAttribute"/> as well.
/// </summary>
[AttributeUsage(
    AttributeTargets.Method | AttributeTargets.Constructor | AttributeTargets.Property | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Delegate
    | AttributeTargets.Field | AttributeTargets.Parameter,
    Inherited = false)]
sealed partial class InterruptSafeAttribute : Attribute;
