// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Sockets;

namespace Kernel.Abstractions.Composition;

/// <summary>One <c>[SocketFamily]</c> of the image. A component asks for <c>SocketFamilyEntry[]</c>.</summary>
public readonly struct SocketFamilyEntry(int number, ISocketFamily family)
{
    /// <summary>AF_*.</summary>
    public int Number { get; } = number;

    /// <summary>The component.</summary>
    public ISocketFamily Family { get; } = family;
}
