// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Syscalls;
using Kernel.Fs.Dentries;
using Kernel.Fs.Mounts;

namespace Kernel.Fs.Paths;

/// <summary>
/// Path resolution (man 7 path_resolution). A walk over cached names takes no lock and allocates nothing. Links are followed by recursion, at most 40 in all; each level rents a buffer for its target.
/// </summary>
[Component]
public sealed class PathWalker(DentryCache dentries, MountTree mounts)
{
    private const int MaxLinks = 40;

    private readonly PathBufferPool _buffers = new();

    /// <summary>A walk from the thread's root (absolute paths) or working directory. The kernel itself (no thread) walks from the root of the mount tree.</summary>
    internal Walk Begin(IThread? thread)
    {
        if (thread is null)
        {
            var top = RootPlace;
            return new Walk(null, Credentials.Root, top, top);
        }

        var context = thread.FileSystem;
        return new Walk(thread, thread.Credentials, Place.From(context.Root), Place.From(context.WorkingDirectory));
    }

    /// <summary>A walk of an *at() call.</summary>
    /// <returns>EBADF; ENOTDIR when the descriptor is needed and is no directory.</returns>
    internal Errno TryBegin(IThread? thread, FileDescriptor directory, ReadOnlySpan<byte> path, out Walk walk)
    {
        walk = Begin(thread);
        if (directory == FileDescriptor.CurrentDirectory || thread is null || (path.Length > 0 && path[0] == (byte)'/'))
        {
            return Errno.Success;
        }

        if (thread.Files.Get(directory.Number) is not { } file)
        {
            return Errno.EBADF;
        }

        // The reference goes back at once: the place stays valid for as long as anybody holds it.
        var place = file.Path;
        var inode = file.Inode;
        file.Release();
        if (path.Length > 0 && inode.Type != InodeType.Directory)
        {
            return Errno.ENOTDIR;
        }

        walk.Current = place.IsNowhere ? new Place(mounts.Root, new Dentry(null, default, inode)) : Place.From(place);
        return Errno.Success;
    }

    /// <summary>The root of the tree of mounts.</summary>
    internal Place RootPlace => MountTree.Topmost(new Place(mounts.Root, mounts.Root.Root));

    /// <summary>Walks the whole path; <see cref="Walk.Current"/> is the result.</summary>
    internal Errno WalkFull(ref Walk walk, ReadOnlySpan<byte> path, bool follow)
    {
        var error = WalkToLast(ref walk, path, out var last);
        if (error != Errno.Success)
        {
            return error;
        }

        return WalkLast(ref walk, last, follow);
    }

    /// <summary>
    /// Walks all but the last component, which is left in <see cref="Walk.LastName"/>. The permission to search the parent has been checked, so that it is a directory in which the name can be looked up.
    /// </summary>
    internal Errno WalkParent(ref Walk walk, ReadOnlySpan<byte> path)
    {
        var error = WalkToLast(ref walk, path, out var last);
        if (error != Errno.Success)
        {
            return error;
        }

        walk.LastName.Set(last);
        return walk.LastKind == LastComponent.Root ? Errno.Success : CheckSearch(ref walk);
    }

    /// <summary>Goes on from a parent walk to the last component itself.</summary>
    internal Errno FinishParent(ref Walk walk, bool follow)
    {
        Span<byte> name = stackalloc byte[NameBuffer.MaxLength];
        if (walk.LastName.IsTooLong)
        {
            return Errno.ENAMETOOLONG;
        }

        walk.LastName.Bytes.CopyTo(name);
        return WalkLast(ref walk, name[..walk.LastName.Length], follow);
    }

    /// <summary>The entry of a name in a directory, negative or positive, without crossing mounts or following links.</summary>
    /// <returns>ENAMETOOLONG; ENOTDIR; what the file system answers.</returns>
    internal Result<Dentry> Lookup(Dentry directory, ReadOnlySpan<byte> name)
    {
        if (dentries.Find(directory, name) is { } cached)
        {
            return cached;
        }

        if (name.Length > NameBuffer.MaxLength)
        {
            return Errno.ENAMETOOLONG;
        }

        using var guard = directory.Inode.DirectoryLock.Acquire();
        return LookupLocked(directory, name);
    }

    /// <summary><see cref="Lookup"/> for a caller that holds the directory's lock.</summary>
    internal Result<Dentry> LookupLocked(Dentry directory, ReadOnlySpan<byte> name)
    {
        if (name.Length > NameBuffer.MaxLength)
        {
            return Errno.ENAMETOOLONG;
        }

        if (dentries.Find(directory, name) is { } cached)
        {
            return cached;
        }

        var parent = directory.Inode;
        if (parent.Lookup(name).TryGet(out var inode, out var error))
        {
            return inode.IsCacheable && !directory.IsDeleted ? dentries.Add(directory, name, inode) : new Dentry(directory, name, inode);
        }

        if (error != Errno.ENOENT)
        {
            return error;
        }

        return parent.CachesMissingNames && !directory.IsDeleted ? dentries.Add(directory, name, null) : new Dentry(directory, name, null);
    }

    /// <summary>The parent directory of a place, not above the walk's root.</summary>
    internal static Place ParentOf(Place place, Place root)
    {
        while (true)
        {
            if (place == root)
            {
                return place;
            }

            if (!ReferenceEquals(place.Entry, place.Mount.Root))
            {
                return place.Entry.Parent is { } parent ? MountTree.Topmost(place with { Entry = parent }) : place;
            }

            if (place.Mount.Attachment is not { } attachment)
            {
                return place;
            }

            place = attachment;
        }
    }

    private Errno WalkToLast(ref Walk walk, ReadOnlySpan<byte> path, out ReadOnlySpan<byte> last)
    {
        last = default;
        walk.LastKind = LastComponent.Root;
        walk.HasTrailingSlash = false;
        if (path.Length == 0)
        {
            return Errno.ENOENT;
        }

        if (path[0] == (byte)'/')
        {
            walk.Current = walk.Root;
        }

        var position = SkipSlashes(path, 0);
        while (position < path.Length)
        {
            var rest = path[position..];
            var length = rest.IndexOf((byte)'/');
            var name = length < 0 ? rest : rest[..length];
            position = length < 0 ? path.Length : SkipSlashes(path, position + length);
            if (position == path.Length)
            {
                last = name;
                walk.LastKind = KindOf(name);
                walk.HasTrailingSlash = length >= 0;
                return Errno.Success;
            }

            var error = Step(ref walk, name, KindOf(name), follow: true);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return Errno.Success;
    }

    private Errno WalkLast(ref Walk walk, ReadOnlySpan<byte> last, bool follow)
    {
        var mustBeDirectory = walk.HasTrailingSlash;
        if (walk.LastKind != LastComponent.Root)
        {
            var error = Step(ref walk, last, walk.LastKind, follow || mustBeDirectory);
            if (error != Errno.Success)
            {
                return error;
            }
        }

        return mustBeDirectory && walk.Current.Inode.Type != InodeType.Directory ? Errno.ENOTDIR : Errno.Success;
    }

    private Errno Step(ref Walk walk, ReadOnlySpan<byte> name, LastComponent kind, bool follow)
    {
        var error = CheckSearch(ref walk);
        if (error != Errno.Success)
        {
            return error;
        }

        if (kind == LastComponent.Dot)
        {
            return Errno.Success;
        }

        if (kind == LastComponent.DotDot)
        {
            walk.Current = ParentOf(walk.Current, walk.Root);
            return Errno.Success;
        }

        if (!Lookup(walk.Current.Entry, name).TryGet(out var entry, out error))
        {
            return error;
        }

        if (entry.InodeOrNull is not { } inode)
        {
            return Errno.ENOENT;
        }

        if (follow && inode.Type == InodeType.SymbolicLink)
        {
            return FollowLink(ref walk, inode);
        }

        walk.Current = MountTree.Topmost(walk.Current with { Entry = entry });
        return Errno.Success;
    }

    /// <summary>Follows a link that was found in the walk's current directory.</summary>
    internal Errno FollowLink(ref Walk walk, Inode link)
    {
        if (++walk.LinkCount > MaxLinks || (walk.Current.Mount.Flags & MountFlags.MS_NOSYMFOLLOW) != 0)
        {
            return Errno.ELOOP;
        }

        if (link.IsMagicLink && walk.Thread is not null)
        {
            if (!link.FollowMagicLink(walk.Thread).TryGet(out var path, out var magicError))
            {
                return magicError;
            }

            walk.Current = Place.From(path);
            return Errno.Success;
        }

        var buffer = _buffers.Rent();
        var error = link.ReadLink(buffer).TryGet(out var length, out var readError) ? Errno.Success : readError;
        if (error == Errno.Success)
        {
            error = WalkFull(ref walk, buffer.AsSpan(0, length), follow: true);
        }

        _buffers.Return(buffer);
        return error;
    }

    /// <summary>Follows a link up to the parent of what it leads to (O_CREAT through a dangling link).</summary>
    internal Errno FollowLinkParent(ref Walk walk, Inode link)
    {
        if (++walk.LinkCount > MaxLinks)
        {
            return Errno.ELOOP;
        }

        var buffer = _buffers.Rent();
        var error = link.ReadLink(buffer).TryGet(out var length, out var readError) ? Errno.Success : readError;
        if (error == Errno.Success)
        {
            error = WalkParent(ref walk, buffer.AsSpan(0, length));
        }

        _buffers.Return(buffer);
        return error;
    }

    private static Errno CheckSearch(ref Walk walk)
    {
        var inode = walk.Current.Inode;
        if (inode.Type != InodeType.Directory)
        {
            return Errno.ENOTDIR;
        }

        return walk.Thread is null ? Errno.Success : Permissions.Check(walk.Credentials, inode, Permissions.Execute);
    }

    private static int SkipSlashes(ReadOnlySpan<byte> path, int position)
    {
        while (position < path.Length && path[position] == (byte)'/')
        {
            position++;
        }

        return position;
    }

    private static LastComponent KindOf(ReadOnlySpan<byte> name)
        => name.Length > 2 || name[0] != (byte)'.' ? LastComponent.Normal
            : name.Length == 1 ? LastComponent.Dot
            : name[1] == (byte)'.' ? LastComponent.DotDot : LastComponent.Normal;
}
