// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using Ostd.Sync;

namespace Kernel.Fs.Proc.Inodes;

/// <summary>A file whose content a component makes.</summary>
internal sealed class PseudoFileInode(ProcFileSystem system, ulong number, int mode, IPseudoFile content) : ProcInode(system, number, mode)
{
    public override InodeType Type => InodeType.Regular;

    public override Result<OpenFile> Open(OpenFlags flags, IThread? thread) => new PseudoOpenFile(this, flags, content);
}

/// <summary>
/// An open pseudo-file. The content is made as a whole when a read starts at the beginning, and later reads go on in it, so that a slow reader sees the state of one moment.
/// </summary>
internal sealed class PseudoOpenFile(Inode inode, OpenFlags flags, IPseudoFile content) : OpenFile(inode, flags)
{
    /// <summary>The most that a program can write at once.</summary>
    private const int MaxWriteBytes = 4096;

    private readonly Mutex _lock = new();
    private PseudoFileWriter? _text;
    private long _position;

    public override Result<int> Read(ref VmWriter destination)
    {
        using var guard = _lock.Acquire();
        var result = ReadLocked(ref destination, _position);
        if (result.IsOk)
        {
            _position += result.Value;
        }

        return result;
    }

    public override Result<int> ReadAt(ref VmWriter destination, long offset)
    {
        using var guard = _lock.Acquire();
        return ReadLocked(ref destination, offset);
    }

    public override Result<int> Write(ref VmReader source)
    {
        if (CurrentThread.OrNull is not { } thread)
        {
            return Errno.EIO;
        }

        if (source.Remaining > MaxWriteBytes)
        {
            return Errno.EINVAL;
        }

        var text = new byte[source.Remaining];
        if (source.Read(text) < text.Length)
        {
            return Errno.EFAULT;
        }

        var error = content.Accept(text, thread);
        return error == Errno.Success ? text.Length : error;
    }

    public override Result<int> WriteAt(ref VmReader source, long offset) => Write(ref source);

    public override Result<long> Seek(long offset, SeekOrigin origin)
    {
        using var guard = _lock.Acquire();
        switch (origin)
        {
            case SeekOrigin.SEEK_SET:
                break;
            case SeekOrigin.SEEK_CUR:
                offset += _position;
                break;
            default:
                return Errno.EINVAL;
        }

        if (offset < 0)
        {
            return Errno.EINVAL;
        }

        _position = offset;
        return offset;
    }

    private Result<int> ReadLocked(ref VmWriter destination, long offset)
    {
        if (offset == 0 || _text is null)
        {
            if (CurrentThread.OrNull is not { } thread)
            {
                return Errno.EIO;
            }

            var writer = new PseudoFileWriter();
            var error = content.Generate(writer, thread);
            if (error != Errno.Success)
            {
                return error;
            }

            _text = writer;
        }

        if (offset >= _text.Length || destination.Remaining == 0)
        {
            return 0;
        }

        var copied = destination.Write(_text.Bytes[(int)offset..]);
        return copied == 0 ? Errno.EFAULT : copied;
    }
}
