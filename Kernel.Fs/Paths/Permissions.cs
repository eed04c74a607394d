// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;

namespace Kernel.Fs.Paths;

/// <summary>Discretionary access control (man 7 path_resolution, "Permissions"; man 7 capabilities).</summary>
internal static class Permissions
{
    public const int Execute = 1;
    public const int Write = 2;
    public const int Read = 4;

    public const int SetUidBit = 0x800;
    public const int SetGidBit = 0x400;
    public const int StickyBit = 0x200;
    private const int AnyExecuteBit = 0x49;

    /// <summary>Checks an inode by its mode.</summary>
    /// <param name="mask">4 read, 2 write, 1 execute or search.</param>
    /// <returns>EACCES.</returns>
    public static Errno Check(Credentials credentials, Inode inode, int mask)
    {
        var permission = inode.GetPermission();
        var mode = permission.Mode;
        if (credentials.FileSystemUid == permission.Uid)
        {
            mode >>= 6;
        }
        else if (credentials.IsInGroup(permission.Gid))
        {
            mode >>= 3;
        }

        if ((mask & ~mode & 7) == 0)
        {
            return Errno.Success;
        }

        // Capabilities override: read and search are one, the rest another; executing a file needs at least one x bit.
        var isDirectory = inode.Type == InodeType.Directory;
        if ((mask & Write) == 0 && (isDirectory || (mask & Execute) == 0) && credentials.HasCapability(Capability.CAP_DAC_READ_SEARCH))
        {
            return Errno.Success;
        }

        if ((isDirectory || (mask & Execute) == 0 || (permission.Mode & AnyExecuteBit) != 0) && credentials.HasCapability(Capability.CAP_DAC_OVERRIDE))
        {
            return Errno.Success;
        }

        return Errno.EACCES;
    }

    /// <summary>Checks a place: as above, and EROFS for writing to what a read-only mount holds. Device nodes, FIFOs and sockets can be written on any mount.</summary>
    public static Errno Check(Credentials credentials, Place place, int mask)
    {
        var inode = place.Inode;
        if ((mask & Write) != 0 && place.Mount.IsReadOnly && inode.Type is InodeType.Regular or InodeType.Directory or InodeType.SymbolicLink)
        {
            return Errno.EROFS;
        }

        return Check(credentials, inode, mask);
    }

    /// <summary>True for the owner of the inode and with CAP_FOWNER.</summary>
    public static bool IsOwnerOrCapable(Credentials credentials, Inode inode)
        => credentials.FileSystemUid == inode.GetPermission().Uid || credentials.HasCapability(Capability.CAP_FOWNER);

    /// <summary>Whether the sticky bit of the directory keeps the caller from removing the entry.</summary>
    public static bool IsKeptBySticky(Credentials credentials, Inode directory, Inode victim)
    {
        var permission = directory.GetPermission();
        return (permission.Mode & StickyBit) != 0
            && credentials.FileSystemUid != permission.Uid
            && credentials.FileSystemUid != victim.GetPermission().Uid
            && !credentials.HasCapability(Capability.CAP_FOWNER);
    }

    /// <summary>Group and mode of a new file: a set-gid directory hands both on (man 2 open, "Directories" of man 7 inode).</summary>
    public static (int Mode, uint Gid) Inherit(Credentials credentials, Inode directory, InodeType type, int mode)
    {
        var parent = directory.GetPermission();
        if ((parent.Mode & SetGidBit) == 0)
        {
            return (mode, credentials.FileSystemGid);
        }

        if (type == InodeType.Directory)
        {
            return (mode | SetGidBit, parent.Gid);
        }

        const int setGidExecutable = SetGidBit | 0x8;
        if ((mode & setGidExecutable) == setGidExecutable && !credentials.IsInGroup(parent.Gid) && !credentials.HasCapability(Capability.CAP_FSETID))
        {
            mode &= ~SetGidBit;
        }

        return (mode, parent.Gid);
    }
}
