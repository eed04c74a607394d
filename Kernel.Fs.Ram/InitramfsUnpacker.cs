// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;
using Ostd.Memory;

namespace Kernel.Fs.Ram;

/// <summary>
/// Unpacks an initramfs into the root file system: cpio archives in the newc format, plain or compressed with gzip, one after another with zeros between them (Linux's buffer-format.rst).
/// What is broken ends the unpacking with a reason; what was unpacked before stays.
/// </summary>
internal sealed class InitramfsUnpacker(VirtualFileSystem files, DirectoryOperations directories, AttributeOperations attributes)
{
    private const int TypeMask = 0xf000;
    private const int MaxLinkTarget = UserPath.MaxLength;

    private readonly byte[] _header = new byte[CpioHeader.Length];
    private readonly byte[] _name = new byte[UserPath.MaxLength];
    private readonly byte[] _target = new byte[MaxLinkTarget];
    private readonly Dictionary<(uint Major, uint Minor, uint Inode, uint Type), byte[]> _links = [];
    private readonly List<(byte[] Path, long TimeNs)> _directoryTimes = [];

    /// <summary>Entries unpacked.</summary>
    public int Count { get; private set; }

    /// <summary>Unpacks all archives.</summary>
    /// <returns>What is wrong with the input, or null.</returns>
    public string? Unpack(ByteSource source)
    {
        var error = UnpackArchives(source, allowCompression: true);
        foreach (var (path, time) in _directoryTimes)
        {
            if (files.Walk(null, path, WalkFlags.None).TryGet(out var place, out _))
            {
                // Best effort, as for all attributes: see Finish.
                _ = attributes.SetTimes(null, null, place.Inode, time, time, isNow: false);
            }
        }

        return error;
    }

    private string? UnpackArchives(ByteSource source, bool allowCompression)
    {
        while (true)
        {
            switch (source.Peek())
            {
                case -1:
                    return source.Error;
                case 0:
                    source.ReadByte();
                    break;
                case '0':
                    var error = UnpackArchive(source);
                    if (error is not null)
                    {
                        return source.Error ?? error;
                    }

                    break;
                case 0x1f when allowCompression:
                    var inflated = new InflateSource(source);
                    error = UnpackArchives(inflated, allowCompression: false) ?? Drain(inflated);
                    if (error is not null)
                    {
                        return error;
                    }

                    break;
                default:
                    return "neither a cpio archive (newc) nor gzip";
            }
        }
    }

    private static string? Drain(ByteSource source)
    {
        while (source.ReadByte() >= 0)
        {
        }

        return source.Error;
    }

    private string? UnpackArchive(ByteSource source)
    {
        _links.Clear();
        var start = source.Consumed;
        while (true)
        {
            if (source.Read(_header) != CpioHeader.Length)
            {
                return "the archive ends early";
            }

            if (!CpioHeader.TryParse(_header, out var header))
            {
                return "bad cpio header";
            }

            if (header.NameSize is 0 or > UserPath.MaxLength)
            {
                return "bad name length";
            }

            if (source.Read(_name.AsSpan(0, (int)header.NameSize)) != header.NameSize || _name[header.NameSize - 1] != 0)
            {
                return "bad name";
            }

            if (!TrySkip(source, Padding(source.Consumed - start)))
            {
                return "the archive ends early";
            }

            var name = _name.AsSpan(0, _name.AsSpan().IndexOf((byte)0));
            if (name.SequenceEqual("TRAILER!!!"u8))
            {
                return TrySkip(source, header.FileSize) ? null : "the archive ends early";
            }

            var error = UnpackEntry(source, in header, name);
            if (error is not null)
            {
                return error;
            }

            if (!TrySkip(source, Padding(source.Consumed - start)))
            {
                return "the archive ends early";
            }
        }
    }

    /// <summary>One entry. An error of the file system leaves the entry out, as in Linux; only a broken archive ends the unpacking.</summary>
    private string? UnpackEntry(ByteSource source, in CpioHeader header, ReadOnlySpan<byte> name)
    {
        var type = (InodeType)(header.Mode & TypeMask);
        var mode = (int)(header.Mode & 0xfff);
        var path = name;
        var left = (long)header.FileSize;
        Count++;
        switch (type)
        {
            case InodeType.Regular:
                return UnpackFile(source, in header, path);
            case InodeType.SymbolicLink:
                if (header.FileSize > MaxLinkTarget - 1)
                {
                    return "bad link target";
                }

                var target = _target.AsSpan(0, (int)header.FileSize);
                if (source.Read(target) != target.Length)
                {
                    return "the archive ends early";
                }

                Remove(path, type);
                if (directories.SymbolicLink(null, target, FileDescriptor.CurrentDirectory, path) == Errno.Success)
                {
                    Finish(in header, path, isLink: true);
                }

                return null;
            case InodeType.Directory:
                Remove(path, type);
                // EEXIST is usual: archives name directories again and again. Whatever else went wrong shows at the files in it.
                _ = directories.MakeDirectory(null, FileDescriptor.CurrentDirectory, path, mode);
                Finish(in header, path, isLink: false);
                _directoryTimes.Add((path.ToArray(), header.ModificationTime * 1_000_000_000L));
                break;
            case InodeType.CharacterDevice or InodeType.BlockDevice or InodeType.Fifo or InodeType.Socket:
                Remove(path, type);
                var device = new DeviceNumber((int)(header.SpecialMajor & 0xfff), (int)(header.SpecialMinor & 0xfffff));
                if (!TryLink(in header, path) && directories.MakeNode(null, FileDescriptor.CurrentDirectory, path, type, mode, device) == Errno.Success)
                {
                    Finish(in header, path, isLink: false);
                }

                break;
        }

        return TrySkip(source, left) ? null : "the archive ends early";
    }

    private string? UnpackFile(ByteSource source, in CpioHeader header, ReadOnlySpan<byte> path)
    {
        Remove(path, InodeType.Regular);
        var isLinked = TryLink(in header, path);
        var flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT;

        // Of several links the data comes with the last; an entry without data must not cut what is there.
        if (!isLinked || header.FileSize > 0)
        {
            flags |= OpenFlags.O_TRUNC;
        }

        if (!files.OpenAt(null, FileDescriptor.CurrentDirectory, path, flags, (int)(header.Mode & 0xfff)).TryGet(out var file, out _))
        {
            return TrySkip(source, header.FileSize) ? null : "the archive ends early";
        }

        string? error = null;
        for (long left = header.FileSize; left > 0;)
        {
            var part = source.Available(left);
            if (part.Length == 0)
            {
                error = "the archive ends early";
                break;
            }

            var reader = new VmReader(part);
            var written = file.Write(ref reader);
            if (!written.IsOk || written.Value != part.Length)
            {
                error = "no room: " + (written.IsOk ? Errno.ENOSPC : written.Error).ToString();
                break;
            }

            source.Advance(part.Length);
            left -= part.Length;
        }

        file.Release();
        Finish(in header, path, isLink: false);
        return error;
    }

    /// <summary>Makes the entry a further link to a file seen before, if it is one.</summary>
    private bool TryLink(in CpioHeader header, ReadOnlySpan<byte> path)
    {
        if (header.LinkCount < 2)
        {
            return false;
        }

        var key = (header.DeviceMajor, header.DeviceMinor, header.Inode, header.Mode & TypeMask);
        if (_links.TryGetValue(key, out var first))
        {
            return directories.Link(null, FileDescriptor.CurrentDirectory, first, FileDescriptor.CurrentDirectory, path, WalkFlags.None) == Errno.Success;
        }

        _links.Add(key, path.ToArray());
        return false;
    }

    /// <summary>Something of another type in the way goes (clean_path of Linux' init/initramfs.c).</summary>
    private void Remove(ReadOnlySpan<byte> path, InodeType type)
    {
        if (!files.Walk(null, path, WalkFlags.None).TryGet(out var place, out _) || place.Inode.Type == type)
        {
            return;
        }

        if (place.Inode.Type == InodeType.Directory)
        {
            // What stays in the way makes the creation that follows fail, and that is reported.
            _ = directories.RemoveDirectory(null, FileDescriptor.CurrentDirectory, path);
        }
        else
        {
            _ = directories.Unlink(null, FileDescriptor.CurrentDirectory, path);
        }
    }

    private void Finish(in CpioHeader header, ReadOnlySpan<byte> path, bool isLink)
    {
        if (!files.Walk(null, path, WalkFlags.None).TryGet(out var place, out _))
        {
            return;
        }

        // A RAM file system takes every owner, mode and time; were one refused, the file would still be worth having.
        _ = attributes.ChangeOwner(null, null, place.Inode, header.Uid, header.Gid);
        if (!isLink)
        {
            _ = attributes.ChangeMode(null, null, place.Inode, (int)(header.Mode & 0xfff));
        }

        var time = header.ModificationTime * 1_000_000_000L;
        _ = attributes.SetTimes(null, null, place.Inode, time, time, isNow: false);
    }

    private static long Padding(long length) => -length & 3;

    private static bool TrySkip(ByteSource source, long count)
    {
        while (count > 0)
        {
            var part = source.Available(count);
            if (part.Length == 0)
            {
                return false;
            }

            source.Advance(part.Length);
            count -= part.Length;
        }

        return true;
    }
}
