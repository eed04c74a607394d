// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;

namespace Kernel.Fs.Ram;

/// <summary>Owner and mode as one object that never changes, so that files which follow each other with the same ones share it.</summary>
internal sealed class RamPermission(InodePermission value)
{
    public readonly InodePermission Value = value;
}
