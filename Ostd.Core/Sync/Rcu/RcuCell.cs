// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Tasks;

namespace Ostd.Sync;

/// <summary>A reference that is read without a lock and replaced as a whole: readers see the old object or the new one, complete.</summary>
/// <typeparam name="T">A class whose objects do not change once they are published.</typeparam>
/// <remarks>See <see cref="Rcu"/> for what has to happen to the resources of an object that was replaced. Writers that build on the current object exclude each other by a lock, or try <see cref="CompareExchange"/> again.</remarks>
public sealed class Rcu<T> where T : class
{
    private T _value;

    /// <summary>Begins with an object.</summary>
    public Rcu(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _value = value;
    }

    /// <summary>The current object, without a read-side section: for objects that hold nothing but other objects. It stays usable for as long as it is referenced; what it stands for may be out of date at once.</summary>
    public T Current => Volatile.Read(ref _value);

    /// <summary>Begins a read-side section, in which the object and what it holds stay whole. Atomic mode: no sleeping, no user memory. Nests; callable in interrupt handlers.</summary>
    public RcuReadGuard<T> Read()
    {
        PreemptGuard guard = PreemptGuard.Disable();
        return new RcuReadGuard<T>(guard, Volatile.Read(ref _value));
    }

    /// <summary>Replaces the object.</summary>
    /// <returns>The object before, which sections that run now may still read: <see cref="Rcu.Synchronize"/> or <see cref="Rcu.Defer"/> before its resources are reclaimed.</returns>
    public T Update(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Interlocked.Exchange(ref _value, value);
    }

    /// <summary>Replaces the object if it is still the one expected.</summary>
    /// <returns>False when it is another one; nothing is changed then. After true, <paramref name="expected"/> is reclaimed as with <see cref="Update"/>.</returns>
    public bool CompareExchange(T value, T expected)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Interlocked.CompareExchange(ref _value, value, expected) == expected;
    }
}

/// <summary>A read-side section of an <see cref="Rcu{T}"/>; disposing ends it, a second time has no effect.</summary>
/// <typeparam name="T">The class of the object.</typeparam>
public ref struct RcuReadGuard<T> where T : class
{
    private PreemptGuard _guard;

    internal RcuReadGuard(PreemptGuard guard, T value)
    {
        _guard = guard;
        Value = value;
    }

    /// <summary>The object that was current when the section began.</summary>
    public T Value { get; }

    /// <summary>Ends the section.</summary>
    public void Dispose() => _guard.Dispose();
}
