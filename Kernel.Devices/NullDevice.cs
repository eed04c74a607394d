// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Devices;

/// <summary>/dev/null: always at its end, and takes everything (man 4 null).</summary>
[CharacterDevice("null", 1, 3)]
public sealed class NullDevice : ICharacterDevice
{
    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => new File(node, flags);

    private sealed class File(Inode inode, OpenFlags flags) : DeviceFile(inode, flags)
    {
        public override Result<int> Read(ref VmWriter destination) => 0;

        public override Result<int> Write(ref VmReader source) => Discard(ref source);
    }
}
