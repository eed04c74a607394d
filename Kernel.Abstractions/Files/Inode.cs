// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions.Processes;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Abstractions.Files;

/// <summary>Attributes of a file (man 2 stat, statx). Times in nanoseconds since 1970.</summary>
public struct InodeAttributes
{
    public ulong DeviceId;
    public ulong InodeNumber;
    public InodeType Type;

    /// <summary>Permission bits, set-id and sticky bits: 07777.</summary>
    public int Mode;

    public uint LinkCount;
    public uint Uid;
    public uint Gid;
    public DeviceNumber Device;
    public long SizeBytes;
    public int BlockSizeBytes;

    /// <summary>In units of 512 bytes.</summary>
    public long Blocks;

    public long AccessTimeNs;
    public long ModificationTimeNs;
    public long ChangeTimeNs;
    public long BirthTimeNs;
}

/// <summary>A change of attributes: null leaves as it is. Permission was checked by the caller.</summary>
public struct AttributeChange
{
    public int? Mode;
    public uint? Uid;
    public uint? Gid;
    public long? SizeBytes;
    public long? AccessTimeNs;
    public long? ModificationTimeNs;
}

/// <summary>What permission checks need of an inode, without the cost of all attributes.</summary>
/// <param name="Mode">Permission bits, set-id and sticky bits: 07777.</param>
public readonly record struct InodePermission(int Mode, uint Uid, uint Gid);

/// <summary>
/// A file of a file system, whatever its type. Names are bytes, without NUL and slash. Directory operations come serialised per directory by the VFS; permission was checked. The defaults answer
/// what Linux answers when a file system lacks the operation.
/// </summary>
public abstract class Inode
{
    private Mutex? _directoryLock;
    private WriteAccess? _writeAccess;
    private IFifo? _fifo;
    private IInodeLocks? _locks;
    private IDirectoryEntry? _entry;

    /// <summary>The type never changes.</summary>
    public abstract InodeType Type { get; }

    /// <summary>The file system that it belongs to.</summary>
    public abstract IFileSystemInstance FileSystem { get; }

    /// <summary>Number within the file system.</summary>
    public abstract ulong Number { get; }

    /// <summary>All attributes at once.</summary>
    public abstract InodeAttributes GetAttributes();

    public virtual Errno SetAttributes(in AttributeChange change) => Errno.EPERM;

    /// <summary>Opens it. The VFS has done O_CREAT, O_EXCL, O_DIRECTORY, O_NOFOLLOW and O_TRUNC.</summary>
    public virtual Result<OpenFile> Open(OpenFlags flags, IThread? thread) => Errno.ENXIO;

    /// <summary>Finds an entry; ENOENT. Never called for "." and "..".</summary>
    public virtual Result<Inode> Lookup(ReadOnlySpan<byte> name) => Errno.ENOTDIR;

    /// <summary>Makes a file of any type but symbolic link; EEXIST was checked.</summary>
    public virtual Result<Inode> Create(ReadOnlySpan<byte> name, InodeType type, int mode, uint uid, uint gid, DeviceNumber device) => Errno.EPERM;

    public virtual Result<Inode> CreateSymbolicLink(ReadOnlySpan<byte> name, ReadOnlySpan<byte> target, uint uid, uint gid) => Errno.EPERM;

    public virtual Errno Link(ReadOnlySpan<byte> name, Inode target) => Errno.EPERM;

    public virtual Errno Unlink(ReadOnlySpan<byte> name) => Errno.EPERM;

    public virtual Errno RemoveDirectory(ReadOnlySpan<byte> name) => Errno.EPERM;

    /// <summary>Renames within the file system; the target, if it exists, is replaced (checks of type and emptiness are the file system's). With <paramref name="exchange"/> the two change places.</summary>
    public virtual Errno Rename(ReadOnlySpan<byte> oldName, Inode newDirectory, ReadOnlySpan<byte> newName, bool exchange) => Errno.EPERM;

    /// <summary>The target of a symbolic link, cut at the buffer's end.</summary>
    public virtual Result<int> ReadLink(Span<byte> target) => Errno.EINVAL;

    /// <summary>Owner and mode alone, for permission checks.</summary>
    public virtual InodePermission GetPermission()
    {
        var attributes = GetAttributes();
        return new InodePermission(attributes.Mode, attributes.Uid, attributes.Gid);
    }

    /// <summary>Lists the entries from a directory position on, without "." and ".."; positions 0 to 2 all mean the first entry.</summary>
    public virtual Errno ReadEntries(long position, IDirectoryVisitor visitor) => Errno.ENOTDIR;

    /// <summary>A regular file without a name (O_TMPFILE), in the directory's file system.</summary>
    public virtual Result<Inode> CreateTemporary(int mode, uint uid, uint gid) => Errno.EOPNOTSUPP;

    /// <summary>True for the magic links of procfs, which lead to a place without walking a path.</summary>
    public virtual bool IsMagicLink => false;

    /// <summary>Where a magic link leads; EACCES, ENOENT.</summary>
    public virtual Result<FilePath> FollowMagicLink(IThread thread) => Errno.EINVAL;

    /// <summary>False when the name that led here may lead elsewhere next time (procfs): the VFS then asks <see cref="Lookup"/> again.</summary>
    public virtual bool IsCacheable => true;

    /// <summary>False when a name missing from this directory may appear without the VFS being told (procfs).</summary>
    public virtual bool CachesMissingNames => true;

    /// <summary>Who writes to it and who runs from it; made at the first use.</summary>
    public WriteAccess WriteAccess => Volatile.Read(ref _writeAccess) ?? Publish(ref _writeAccess, new WriteAccess());

    /// <summary>One more open file refers to it. A file system that frees storage of unlinked files counts these.</summary>
    public virtual void AddUser()
    {
    }

    /// <summary>An open file is gone.</summary>
    public virtual void RemoveUser()
    {
    }

    /// <summary>Serialises the operations of a directory, and for every inode checks and changes of attributes; taken by the VFS.</summary>
    public Mutex DirectoryLock => Volatile.Read(ref _directoryLock) ?? Publish(ref _directoryLock, new Mutex());

    /// <summary>The pipe behind a FIFO, once somebody has opened it.</summary>
    public IFifo? Fifo
    {
        get => Volatile.Read(ref _fifo);
        set => Volatile.Write(ref _fifo, value);
    }

    /// <summary>The pipe behind a FIFO, made at the first use.</summary>
    public IFifo GetFifo(IPipeFactory factory) => Volatile.Read(ref _fifo) ?? Publish(ref _fifo, factory.CreateFifo());

    /// <summary>The file locks held on it; null while there never were any.</summary>
    public IInodeLocks? Locks => Volatile.Read(ref _locks);

    /// <summary>Attaches lock state, unless another came first; returns what is attached.</summary>
    public IInodeLocks AttachLocks(IInodeLocks locks) => Publish(ref _locks, locks);

    /// <summary>Of a directory that was found by name: its one entry, which the VFS keeps here.</summary>
    public IDirectoryEntry? Entry => Volatile.Read(ref _entry);

    /// <summary>Attaches the entry, unless another came first; returns what is attached.</summary>
    public IDirectoryEntry AttachEntry(IDirectoryEntry entry) => Publish(ref _entry, entry);

    private static T Publish<T>(ref T? field, T value) where T : class => Interlocked.CompareExchange(ref field, value, null) ?? value;
}

/// <summary>A mounted file system's data, possibly mounted at several places.</summary>
public interface IFileSystemInstance
{
    /// <summary>The type's name: <c>tmpfs</c>.</summary>
    string TypeName { get; }

    /// <summary>Root directory.</summary>
    Inode Root { get; }

    /// <summary>The device id of its files (<c>st_dev</c>).</summary>
    ulong DeviceId { get; }

    FileSystemStatistics GetStatistics();

    /// <summary>Writes back what is dirty.</summary>
    Errno Synchronize();

    /// <summary>Its own mount options, for /proc/mounts, with a leading comma each, or empty.</summary>
    string Options { get; }

    /// <summary>The last mount is gone. What lives in memory only is given up, but for files that are still open.</summary>
    void OnUnmounted()
    {
    }
}

/// <summary>Numbers of statfs(2).</summary>
public readonly record struct FileSystemStatistics(ulong Magic, long BlockSize, long Blocks, long FreeBlocks, long AvailableBlocks, long Files, long FreeFiles, long NameLength);

/// <summary>A file system type, mountable by name; implementers carry <c>[FileSystem("name")]</c>.</summary>
public interface IFileSystemType
{
    /// <summary>Makes an instance for mount(2).</summary>
    /// <param name="source">As given: a device path, or any text.</param>
    /// <param name="options">The data argument: comma-separated.</param>
    Result<IFileSystemInstance> Mount(string source, string options, IThread? thread);
}
