// SPDX-License-Identifier: MPL-2.0
namespace Kernel.Abstractions.Files;

/// <summary>Builds the per-process file state; Kernel.Process calls it for init and for clone.</summary>
public interface IProcessFileState
{
    /// <summary>The empty table of the first process.</summary>
    IFileTable CreateTable();

    /// <summary>Root and working directory at the root of the first mount, umask 022.</summary>
    IFileSystemContext CreateContext();
}

/// <summary>Root, working directory and umask of one or more threads.</summary>
public interface IFileSystemContext
{
    FilePath Root { get; set; }

    FilePath WorkingDirectory { get; set; }

    /// <summary>umask(2).</summary>
    int FileModeMask { get; set; }

    /// <summary>Moves root and working directory from one place to another, where they are there (pivot_root).</summary>
    void Replace(FilePath old, FilePath place);

    /// <summary>A copy, for fork without CLONE_FS.</summary>
    IFileSystemContext Clone();
}

/// <summary>A table of file descriptors. Lookups are lock-free for the caller's purposes; RLIMIT_NOFILE is the caller's argument.</summary>
public interface IFileTable
{
    /// <summary>The file, with a reference taken for the caller, who releases it; null for a bad descriptor.</summary>
    OpenFile? Get(int descriptor);

    /// <summary>Puts the file at the lowest free descriptor not below <paramref name="minimum"/>; takes over the caller's reference on success.</summary>
    /// <returns>EMFILE when <paramref name="limit"/> is reached.</returns>
    Result<int> Allocate(OpenFile file, bool closeOnExec, int minimum, ulong limit);

    /// <summary>Puts the file at the descriptor, closing what was there (dup2).</summary>
    Errno Replace(int descriptor, OpenFile file, bool closeOnExec, Processes.IProcess process);

    /// <summary>EBADF when not open.</summary>
    Errno Close(int descriptor, Processes.IProcess process);

    /// <summary>Closes the descriptor if it still stands for the file: another thread may have closed it and opened another.</summary>
    void Retract(int descriptor, OpenFile file, Processes.IProcess process);

    /// <summary>The close-on-exec flag; EBADF.</summary>
    Result<bool> GetCloseOnExec(int descriptor);

    Errno SetCloseOnExec(int descriptor, bool value);

    /// <summary>One more user of the table (CLONE_FILES).</summary>
    void AddReference();

    /// <summary>A user is gone; the last one closes everything.</summary>
    void Release(Processes.IProcess process);

    /// <summary>A copy for fork: same files, one more reference each.</summary>
    IFileTable Clone();

    /// <summary>True when more than one process or thread uses the table (then execve unshares it).</summary>
    bool IsShared { get; }

    /// <summary>execve: closes what is marked.</summary>
    void CloseOnExec(Processes.IProcess process);

    /// <summary>The next open descriptor at or after the given one; -1 at the end (for /proc/pid/fd, close_range).</summary>
    int NextOpen(int descriptor);
}
