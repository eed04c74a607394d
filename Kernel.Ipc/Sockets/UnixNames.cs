// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Sync;

namespace Kernel.Ipc.Sockets;

/// <summary>Bound sockets: by the inode of their path, or by their abstract name. Its mutex guards the addresses of all sockets against being set twice.</summary>
internal sealed class UnixNames(IVirtualFileSystem files, IDirectoryOperations directories)
{
    private const int WriteAccess = 2;

    private readonly Mutex _mutex = new();
    private readonly Dictionary<Inode, UnixSocket> _byInode = [];
    private readonly Dictionary<string, UnixSocket> _byAbstractName = [];
    private uint _nextAutomatic;

    /// <summary>bind(2): makes the node, or takes the abstract name, and gives the socket its address.</summary>
    /// <returns>EINVAL for a socket that has one; EADDRINUSE and the errors of mknod(2).</returns>
    public Errno Bind(IThread thread, UnixSocket socket, ReadOnlySpan<byte> name)
    {
        using var guard = _mutex.Acquire();
        if (socket.Address.Length > UnixAddress.FamilyBytes)
        {
            return Errno.EINVAL;
        }

        if (name.IsEmpty)
        {
            return BindAutomaticallyLocked(socket);
        }

        if (name[0] == 0)
        {
            if (!_byAbstractName.TryAdd(UnixAddress.ToKey(name), socket))
            {
                return Errno.EADDRINUSE;
            }
        }
        else
        {
            if (!directories.MakeSocket(thread, name, 0x1ff).TryGet(out var path, out var error))
            {
                return error == Errno.EEXIST ? Errno.EADDRINUSE : error;
            }

            // The socket goes away before the node does: the node alone answers ECONNREFUSED.
            _byInode.Add(path.Inode, socket);
            socket.BoundInode = path.Inode;
        }

        socket.Address = UnixAddress.Format(name);
        return Errno.Success;
    }

    /// <summary>The socket that is bound to a name.</summary>
    /// <returns>ECONNREFUSED when nobody is; the errors of path walking; EACCES without write permission on the node.</returns>
    public Result<UnixSocket> Find(IThread thread, ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return Errno.ECONNREFUSED;
        }

        if (name[0] == 0)
        {
            using var guard = _mutex.Acquire();
            return _byAbstractName.TryGetValue(UnixAddress.ToKey(name), out var named) ? named : Errno.ECONNREFUSED;
        }

        if (!files.Walk(thread, name, WalkFlags.Follow).TryGet(out var path, out var error))
        {
            return error;
        }

        error = files.CheckAccess(thread, path.Inode, WriteAccess);
        if (error != Errno.Success)
        {
            return error;
        }

        using (_mutex.Acquire())
        {
            return _byInode.TryGetValue(path.Inode, out var bound) ? bound : Errno.ECONNREFUSED;
        }
    }

    /// <summary>The socket is closed: its name is free again. An accepted socket has its listener's address and no name.</summary>
    public void Forget(UnixSocket socket)
    {
        using var guard = _mutex.Acquire();
        if (socket.BoundInode is { } inode)
        {
            _byInode.Remove(inode);
            return;
        }

        if (socket.Address.Length == UnixAddress.FamilyBytes)
        {
            return;
        }

        var key = UnixAddress.ToKey(socket.Address.AsSpan(UnixAddress.FamilyBytes));
        if (_byAbstractName.TryGetValue(key, out var owner) && ReferenceEquals(owner, socket))
        {
            _byAbstractName.Remove(key);
        }
    }

    /// <summary>Autobind (man 7 unix): an abstract name of five hexadecimal digits.</summary>
    private Errno BindAutomaticallyLocked(UnixSocket socket)
    {
        Span<byte> name = stackalloc byte[6];
        for (var attempt = 0; attempt < 1 << 20; attempt++)
        {
            name[0] = 0;
            var number = _nextAutomatic++ & 0xfffff;
            for (var i = 0; i < 5; i++)
            {
                name[5 - i] = "0123456789abcdef"u8[(int)(number >> (i * 4)) & 15];
            }

            if (_byAbstractName.TryAdd(UnixAddress.ToKey(name), socket))
            {
                socket.Address = UnixAddress.Format(name);
                return Errno.Success;
            }
        }

        return Errno.ENOSPC;
    }
}
