// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd;

/// <summary>
/// Values of the struct release something when they are disposed, so that there must be one of each: an analyzer (OST2013) refuses copies. A <c>ref struct</c> with a field of such a type is of this kind too.
/// </summary>
/// <remarks>What the analyzer cannot see (unsafe code, suppressions) the locks find at run time: a second release is a panic.</remarks>
[AttributeUsage(AttributeTargets.Struct, Inherited = false)]
public sealed class MustNotCopyAttribute : Attribute;
