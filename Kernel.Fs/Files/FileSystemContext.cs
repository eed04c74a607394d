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
        Keep(root);
        Keep(workingDirectory);
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
            Keep(value);
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
            Keep(value);
            using var guard = _lock.Acquire();
            _workingDirectory = value;
        }
    }

    public int FileModeMask { get; set; }

    public IFileSystemContext Clone() => new FileSystemContext(Root, WorkingDirectory, FileModeMask);

    /// <summary>A directory that somebody stands in must keep its one dentry: it stays in the cache from then on. Contexts are not closed, so there is no moment to undo it.</summary>
    private static void Keep(FilePath path) => (path.Entry as Dentries.Dentry)?.Keep();
}
