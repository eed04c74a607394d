// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Processes;

namespace Kernel.Abstractions.Files;

/// <summary>Makes pipes (pipe(2)) and the insides of FIFOs (man 7 fifo).</summary>
public interface IPipeFactory
{
    /// <summary>A pipe with both ends open.</summary>
    /// <param name="flags">O_NONBLOCK for both ends; O_CLOEXEC is the descriptor's affair.</param>
    Result<(OpenFile Reader, OpenFile Writer)> CreatePipe(OpenFlags flags, Credentials owner);

    /// <summary>What a FIFO inode keeps, so that all who open it meet at the same pipe.</summary>
    IFifo CreateFifo();
}

/// <summary>The pipe behind a FIFO inode. Its buffer exists only while somebody has it open.</summary>
public interface IFifo
{
    /// <summary>Opens an end: blocks until the other end is open too, unless O_NONBLOCK (then ENXIO for a writer without reader) or O_RDWR.</summary>
    Result<OpenFile> Open(Inode inode, OpenFlags flags, IThread thread);
}

/// <summary>Implemented by the open files of pipes, for fcntl F_GETPIPE_SZ and F_SETPIPE_SZ.</summary>
public interface IPipeFile
{
    /// <summary>Capacity of the buffer, in bytes.</summary>
    int CapacityBytes { get; }

    /// <summary>Sets the capacity, rounded up to a power-of-two number of pages.</summary>
    /// <returns>The new capacity; EBUSY when it holds more than that now; EINVAL; EPERM above pipe-max-size without CAP_SYS_RESOURCE.</returns>
    Result<int> SetCapacity(long bytes, IThread thread);
}
