// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Ipc;

/// <summary>An open end of a pipe, or both ends of a FIFO opened with O_RDWR.</summary>
internal sealed class PipeFile(Pipe pipe, Inode inode, OpenFlags flags) : OpenFile(inode, flags), IPipeFile
{
    /// <summary>ioctl: bytes that can be read now (man 2 ioctl_fionread).</summary>
    private const uint FIONREAD = 0x541b;

    // The access mode cannot change after open, but F_SETFL rewrites the flags: what is given back at close is fixed here.
    private readonly bool _reads = (flags & OpenFlags.O_ACCMODE) is OpenFlags.O_RDONLY or OpenFlags.O_RDWR;
    private readonly bool _writes = (flags & OpenFlags.O_ACCMODE) is OpenFlags.O_WRONLY or OpenFlags.O_RDWR;

    public int CapacityBytes => pipe.CapacityBytes;

    public Result<int> SetCapacity(long bytes, IThread thread) => pipe.SetCapacity(bytes, thread);

    public override Result<int> Read(ref VmWriter destination) => pipe.Read(ref destination, IsNonBlocking);

    public override Result<int> Write(ref VmReader source) => pipe.Write(ref source, IsNonBlocking);

    public override PollEvents Poll(IPollObserver? observer)
    {
        if (observer is not null)
        {
            pipe.Queue.Register(observer);
        }

        return pipe.GetReadiness(_reads, _writes);
    }

    public override void StopPolling(IPollObserver observer) => pipe.Queue.Unregister(observer);

    public override SyscallResult Ioctl(in SyscallContext context, uint command, ulong argument)
        => command == FIONREAD ? new UserPtr<int>(argument).Write(pipe.Available) : Errno.ENOTTY;

    protected override void OnClose() => pipe.Close(_reads, _writes);
}
