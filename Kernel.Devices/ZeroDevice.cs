// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Ostd.Memory;

namespace Kernel.Devices;

/// <summary>/dev/zero: zeros without end, takes everything, and maps as fresh memory (man 4 zero).</summary>
[CharacterDevice("zero", 1, 5)]
public sealed class ZeroDevice(Late<ISharedMemoryFactory> sharedMemory) : ICharacterDevice
{
    /// <summary>Length of a mapped object: more than any address space holds, and still far from overflow when rounded up.</summary>
    private const long MappingLength = 1L << 47;

    /// <inheritdoc/>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread) => new File(node, flags, sharedMemory);

    private sealed class File(Inode inode, OpenFlags flags, Late<ISharedMemoryFactory> sharedMemory) : DeviceFile(inode, flags)
    {
        public override Result<int> Read(ref VmWriter destination) => Zeros.Fill(ref destination);

        public override Result<int> Write(ref VmReader source) => Discard(ref source);

        /// <summary>Each mapping is memory of its own, shared with children alone.</summary>
        public override Result<IMemoryObject> GetMemoryObject() => sharedMemory.Value.Create(MappingLength);
    }
}

/// <summary>Reading zeros.</summary>
internal static class Zeros
{
    /// <summary>Fills the destination; EFAULT when nothing could be written.</summary>
    public static Result<int> Fill(ref VmWriter destination)
    {
        var wanted = destination.Remaining;
        var written = destination.Fill(0, wanted);
        return written == 0 && wanted != 0 ? Errno.EFAULT : written;
    }
}
