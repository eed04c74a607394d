// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions.Composition;

namespace Kernel.Abstractions.Files;

/// <summary>Flags of open(2), with the generic values (x86-64; RISC-V and LoongArch have the same).</summary>
[Flags]
[AllowUndefinedFlags]
public enum OpenFlags
{
    O_RDONLY = 0,
    O_WRONLY = 1,
    O_RDWR = 2,
    O_ACCMODE = 3,
    O_CREAT = 0x40,
    O_EXCL = 0x80,
    O_NOCTTY = 0x100,
    O_TRUNC = 0x200,
    O_APPEND = 0x400,
    O_NONBLOCK = 0x800,
    O_DSYNC = 0x1000,
    O_ASYNC = 0x2000,
    O_DIRECT = 0x4000,
    O_LARGEFILE = 0x8000,
    O_DIRECTORY = 0x10000,
    O_NOFOLLOW = 0x20000,
    O_NOATIME = 0x40000,
    O_CLOEXEC = 0x80000,
    O_SYNC = 0x101000,
    O_PATH = 0x200000,
    O_TMPFILE = 0x410000,
}

/// <summary>Type bits of <c>st_mode</c> (man 7 inode).</summary>
public enum InodeType
{
    Fifo = 0x1000,
    CharacterDevice = 0x2000,
    Directory = 0x4000,
    BlockDevice = 0x6000,
    Regular = 0x8000,
    SymbolicLink = 0xa000,
    Socket = 0xc000,

    /// <summary>eventfd, epoll and their like: no type bits.</summary>
    Anonymous = 0,
}

/// <summary>Origin of a seek (man 2 lseek).</summary>
public enum SeekOrigin
{
    SEEK_SET = 0,
    SEEK_CUR = 1,
    SEEK_END = 2,
    SEEK_DATA = 3,
    SEEK_HOLE = 4,
}

/// <summary>A device number, in the kernel's 32-bit form (12 bits major, 20 bits minor).</summary>
public readonly record struct DeviceNumber(int Major, int Minor)
{
    /// <summary>The 64-bit form of <c>st_rdev</c> (glibc's makedev).</summary>
    public ulong Encoded => ((ulong)Major & 0xfff) << 8 | ((ulong)Minor & 0xff) | ((ulong)Minor & 0xfff00) << 12;

    /// <summary>From what mknod(2) gets.</summary>
    public static DeviceNumber Decode(ulong value) => new((int)(value >> 8 & 0xfff), (int)(value & 0xff | value >> 12 & 0xfff00));
}
