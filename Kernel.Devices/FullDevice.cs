// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Devices;

/// <summary>/dev/full: zeros to read, and a full disk to write (man 4 full).</summary>
[CharacterDevice("full", 1, 7)]
public sealed class FullDevice : ICharacterDevice
{
    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => new File(node, flags);

    private sealed class File(Inode inode, OpenFlags flags) : DeviceFile(inode, flags)
    {
        public override Result<int> Read(ref VmWriter destination) => Zeros.Fill(ref destination);

        public override Result<int> Write(ref VmReader source) => Errno.ENOSPC;
    }
}
