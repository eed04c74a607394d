// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;

namespace Kernel.Devices;

/// <summary>An open device without a position: seeking answers 0, as Linux's null_lseek does, and positioned transfers ignore the offset.</summary>
internal abstract class DeviceFile(Inode inode, OpenFlags flags) : OpenFile(inode, flags)
{
    public override Result<int> ReadAt(ref Ostd.Memory.VmWriter destination, long offset) => Read(ref destination);

    public override Result<int> WriteAt(ref Ostd.Memory.VmReader source, long offset) => Write(ref source);

    public override Result<long> Seek(long offset, SeekOrigin origin) => 0;

    /// <summary>Takes all that is written and forgets it.</summary>
    protected static Result<int> Discard(ref Ostd.Memory.VmReader source)
    {
        var count = source.Remaining;
        source.Skip(count);
        return count;
    }
}
