// SPDX-License-Identifier: MPL-2.0

using System;

namespace Kernel.Abstractions.Composition;

/// <summary>
/// A contract that is there once all components are built. As a constructor parameter it breaks a circle: two components that need each
/// other, or one that needs the list of all that build on it (<c>Late&lt;IFileSystemType[]&gt;</c>).
/// </summary>
/// <remarks>Use <see cref="Value"/> from <see cref="IInitializable.Initialize"/> on, never in a constructor.</remarks>
public sealed class Late<T>
{
    private T _value;
    private bool _isSet;

    /// <summary>An empty slot, for the composition root to fill.</summary>
    public Late() => _value = default!;

    /// <summary>A filled slot, for tests.</summary>
    public Late(T value)
    {
        _value = value;
        _isSet = true;
    }

    /// <summary>The contract.</summary>
    /// <exception cref="InvalidOperationException">The image is not yet built: a constructor asked.</exception>
    public T Value => _isSet ? _value : throw new InvalidOperationException("A late contract was used before the image was built.");

    /// <summary>Fills the slot, once.</summary>
    /// <exception cref="InvalidOperationException">It is filled already.</exception>
    public void Set(T value)
    {
        if (_isSet)
            throw new InvalidOperationException("A late contract was set twice.");
        _value = value;
        _isSet = true;
    }
}
