// SPDX-License-Identifier: MPL-2.0
using System;

namespace Ostd;

/// <summary>
/// The member is used under a lock of the same object: in the scope of a <c>using</c> of one of its guards, in a method with the same mark, or in a constructor. An analyzer (OST2014) checks it. Fields that must not tear
/// need it (OST2008).
/// </summary>
/// <param name="lockName">The field or property that holds the lock, by <c>nameof</c>: a <see cref="Sync.SpinLock"/>, <see cref="Sync.Mutex"/> or <see cref="Sync.RwMutex"/>.</param>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Method, Inherited = false)]
public sealed class GuardedByAttribute(string lockName) : Attribute
{
    /// <summary>The field or property that holds the lock.</summary>
    public string LockName { get; } = lockName;
}
