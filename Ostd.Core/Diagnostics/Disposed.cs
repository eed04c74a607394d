// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;

namespace Ostd.Diagnostics;

/// <summary>The exception for what was given back. <c>ObjectDisposedException.ThrowIf</c> asks for the type's name, which an image without metadata does not have: it ends in a null reference.</summary>
internal static class Disposed
{
    /// <summary>Throws when an object was given back.</summary>
    /// <param name="isDisposed">Whether it was.</param>
    /// <param name="name">The type's name.</param>
    /// <exception cref="ObjectDisposedException">It was.</exception>
    [InterruptSafe]
    public static void ThrowIf(bool isDisposed, string name)
    {
        if (isDisposed)
        {
            Throw(name);
        }
    }

    [DoesNotReturn]
    private static void Throw(string name) => throw new ObjectDisposedException(name);
}
