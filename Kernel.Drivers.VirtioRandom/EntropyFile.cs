// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Drivers.VirtioRandom;

/// <summary>/dev/hwrng: bytes of the device, as it makes them. Writing is refused; positions mean nothing.</summary>
internal sealed class EntropyFile(Inode inode, OpenFlags flags, EntropyDevice device) : OpenFile(inode, flags)
{
    public override Result<int> Read(ref VmWriter destination) => device.Read(ref destination, WaitQueue.Forever);

    public override Result<int> ReadAt(ref VmWriter destination, long offset) => Read(ref destination);

    public override Result<long> Seek(long offset, SeekOrigin origin) => 0;
}
