// SPDX-License-Identifier: MPL-2.0

using Kernel.Abstractions.Files;

namespace Kernel.Abstractions.Composition;

/// <summary>One <c>[PseudoFile]</c> of the image. A component asks for <c>PseudoFileEntry[]</c> or <c>Late&lt;PseudoFileEntry[]&gt;</c>; entries come sorted by path.</summary>
public readonly struct PseudoFileEntry(string path, int mode, IPseudoFile file)
{
    /// <summary>The absolute path: <c>/proc/uptime</c>.</summary>
    public string Path { get; } = path;

    /// <summary>The permission bits.</summary>
    public int Mode { get; } = mode;

    /// <summary>The component.</summary>
    public IPseudoFile File { get; } = file;
}
