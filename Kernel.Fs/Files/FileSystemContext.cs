// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions.Files;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Fs.Files;

/// <summary>Root, working directory and umask. A path is two words: the lock keeps a reader from seeing half of a change by another thread that shares the context.</summary>
internal sealed class FileSystemContext : IFileSystemContext
{
    private readonly SpinLock _lock = new();
    private FilePath _root;
    private FilePath _workingDirectory;

    public FileSystemContext(FilePath root, FilePath workingDirectory, int fileModeMask)
    {
        _root = root;
        _workingDirectory = workingDirectory;
        FileModeMask = fileModeMask;
    }

    public FilePath Root
    {
        get
        {
            using var guard = _lock.Acquire();
            return _root;
        }

        set
        {
            using var guard = _lock.Acquire();
            _root = value;
        }
    }

    public FilePath WorkingDirectory
    {
        get
        {
            using var guard = _lock.Acquire();
            return _workingDirectory;
        }

        set
        {
            using var guard = _lock.Acquire();
            _workingDirectory = value;
        }
    }

    public int FileModeMask { get; set; }

    public IFileSystemContext Clone() => new FileSystemContext(Root, WorkingDirectory, FileModeMask);

    public void Replace(FilePath old, FilePath place)
    {
        using var guard = _lock.Acquire();
        _root = _root == old ? place : _root;
        _workingDirectory = _workingDirectory == old ? place : _workingDirectory;
    }
}
