// SPDX-License-Identifier: MPL-2.0
using System;
using System.Numerics;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Ostd.Memory;
using SpinLock = Ostd.Sync.SpinLock;

namespace Kernel.Fs.Files;

/// <summary>
/// A table of file descriptors. <see cref="Get"/> takes no lock: it reads the slot, takes a reference unless the last one is gone, and looks again whether the slot still holds the file.
/// Everything else is under a spinning lock; files are released outside of it.
/// </summary>
internal sealed class FileTable : IFileTable
{
    /// <summary>Linux's fs.nr_open: no limit goes beyond.</summary>
    private const int MaxDescriptors = 1 << 20;

    private readonly SpinLock _lock = new();
    private OpenFile?[] _files;
    private ulong[] _open;
    private ulong[] _closeOnExec;
    private int _firstMaybeFree;
    private int _users = 1;

    public FileTable(int capacity = 64)
    {
        _files = new OpenFile?[capacity];
        _open = new ulong[capacity / 64];
        _closeOnExec = new ulong[capacity / 64];
    }

    public bool IsShared => Volatile.Read(ref _users) > 1;

    public OpenFile? Get(int descriptor)
    {
        while (true)
        {
            var files = Volatile.Read(ref _files);
            if ((uint)descriptor >= (uint)files.Length || Volatile.Read(ref files[descriptor]) is not { } file)
            {
                return null;
            }

            if (file.TryAddReference())
            {
                // Closed and opened as another meanwhile? The table may also have grown, which moves no file.
                if (ReferenceEquals(Volatile.Read(ref Volatile.Read(ref _files)[descriptor]), file))
                {
                    return file;
                }

                file.Release();
            }
        }
    }

    public Result<int> Allocate(OpenFile file, bool closeOnExec, int minimum, ulong limit)
    {
        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        var end = (int)Math.Min(limit, MaxDescriptors);
        while (true)
        {
            int needed;
            using (_lock.Acquire())
            {
                var descriptor = FindFree(minimum);
                if (descriptor >= end)
                {
                    return Errno.EMFILE;
                }

                if (descriptor < _files.Length)
                {
                    Put(descriptor, file, closeOnExec);
                    return descriptor;
                }

                needed = descriptor + 1;
            }

            if (!TryGrow(needed))
            {
                return Errno.ENOMEM;
            }
        }
    }

    public Errno Replace(int descriptor, OpenFile file, bool closeOnExec, IProcess process)
    {
        if ((uint)descriptor >= MaxDescriptors)
        {
            return Errno.EBADF;
        }

        while (true)
        {
            var isDone = false;
            OpenFile? previous = null;
            using (_lock.Acquire())
            {
                if (descriptor < _files.Length)
                {
                    previous = _files[descriptor];
                    Put(descriptor, file, closeOnExec);
                    isDone = true;
                }
            }

            if (isDone)
            {
                FinishClose(previous, process);
                return Errno.Success;
            }

            if (!TryGrow(descriptor + 1))
            {
                return Errno.ENOMEM;
            }
        }
    }

    public Errno Close(int descriptor, IProcess process)
    {
        OpenFile? file;
        using (_lock.Acquire())
        {
            file = Take(descriptor);
        }

        if (file is null)
        {
            return Errno.EBADF;
        }

        FinishClose(file, process);
        return Errno.Success;
    }

    public void Retract(int descriptor, OpenFile file, IProcess process)
    {
        OpenFile? taken;
        using (_lock.Acquire())
        {
            taken = IsOpen(descriptor) && ReferenceEquals(_files[descriptor], file) ? Take(descriptor) : null;
        }

        FinishClose(taken, process);
    }

    public Result<bool> GetCloseOnExec(int descriptor)
    {
        using var guard = _lock.Acquire();
        return IsOpen(descriptor) ? (_closeOnExec[descriptor >> 6] >> descriptor & 1) != 0 : Errno.EBADF;
    }

    public Errno SetCloseOnExec(int descriptor, bool value)
    {
        using var guard = _lock.Acquire();
        if (!IsOpen(descriptor))
        {
            return Errno.EBADF;
        }

        SetBit(_closeOnExec, descriptor, value);
        return Errno.Success;
    }

    public void AddReference() => Interlocked.Increment(ref _users);

    public void Release(IProcess process)
    {
        if (Interlocked.Decrement(ref _users) != 0)
        {
            return;
        }

        for (var descriptor = NextOpen(0); descriptor >= 0; descriptor = NextOpen(descriptor + 1))
        {
            // It is open: NextOpen found it, and nobody else uses the table any more.
            _ = Close(descriptor, process);
        }
    }

    public IFileTable Clone()
    {
        FileTable? copy = null;
        while (true)
        {
            var capacity = Volatile.Read(ref _files).Length;
            copy = new FileTable(capacity);
            using var guard = _lock.Acquire();
            if (_files.Length != capacity)
            {
                continue;
            }

            for (var word = 0; word < _open.Length; word++)
            {
                for (var bits = _open[word]; bits != 0; bits &= bits - 1)
                {
                    var descriptor = word * 64 + BitOperations.TrailingZeroCount(bits);
                    copy._files[descriptor] = _files[descriptor]!.AddReference();
                }
            }

            _open.CopyTo(copy._open, 0);
            _closeOnExec.CopyTo(copy._closeOnExec, 0);
            copy._firstMaybeFree = _firstMaybeFree;
            return copy;
        }
    }

    public void CloseOnExec(IProcess process)
    {
        for (var word = 0; word < Volatile.Read(ref _closeOnExec).Length; word++)
        {
            while (true)
            {
                OpenFile? file;
                using (_lock.Acquire())
                {
                    var bits = _closeOnExec[word] & _open[word];
                    if (bits == 0)
                    {
                        break;
                    }

                    file = Take(word * 64 + BitOperations.TrailingZeroCount(bits));
                }

                FinishClose(file, process);
            }
        }
    }

    public int NextOpen(int descriptor)
    {
        using var guard = _lock.Acquire();
        for (var word = descriptor >> 6; word < _open.Length; word++)
        {
            var bits = _open[word];
            if (word == descriptor >> 6)
            {
                bits &= ulong.MaxValue << (descriptor & 63);
            }

            if (bits != 0)
            {
                return word * 64 + BitOperations.TrailingZeroCount(bits);
            }
        }

        return -1;
    }

    private bool IsOpen(int descriptor) => (uint)descriptor < (uint)_files.Length && _files[descriptor] is not null;

    private int FindFree(int minimum)
    {
        var start = Math.Max(minimum, _firstMaybeFree);
        for (var word = start >> 6; word < _open.Length; word++)
        {
            var free = ~_open[word];
            if (word == start >> 6)
            {
                free &= ulong.MaxValue << (start & 63);
            }

            if (free != 0)
            {
                return word * 64 + BitOperations.TrailingZeroCount(free);
            }
        }

        return Math.Max(start, _open.Length * 64);
    }

    private void Put(int descriptor, OpenFile file, bool closeOnExec)
    {
        Volatile.Write(ref _files[descriptor], file);
        SetBit(_open, descriptor, true);
        SetBit(_closeOnExec, descriptor, closeOnExec);
        if (descriptor == _firstMaybeFree)
        {
            _firstMaybeFree++;
        }
    }

    private OpenFile? Take(int descriptor)
    {
        if (!IsOpen(descriptor))
        {
            return null;
        }

        var file = _files[descriptor];
        Volatile.Write(ref _files[descriptor], null);
        SetBit(_open, descriptor, false);
        SetBit(_closeOnExec, descriptor, false);
        _firstMaybeFree = Math.Min(_firstMaybeFree, descriptor);
        return file;
    }

    private void FinishClose(OpenFile? file, IProcess process)
    {
        if (file is null)
        {
            return;
        }

        // The descriptor is gone already.
        using var reserve = HeapReserve.Enter();
        file.Inode.Locks?.OnDescriptorClosed(this);
        file.OnDescriptorClosed(process);
        file.Release();
    }

    /// <summary>Makes room. The arrays are allocated before the lock is taken: allocation may collect garbage.</summary>
    private bool TryGrow(int needed)
    {
        const int bytesPerDescriptor = 9; // a reference and two bits, rounded up
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(needed, 64));
        if (!HeapReserve.HasRoomFor(capacity * bytesPerDescriptor))
        {
            return false;
        }

        OpenFile?[] files;
        ulong[] open;
        ulong[] closeOnExec;
        try
        {
            files = new OpenFile?[capacity];
            open = new ulong[capacity / 64];
            closeOnExec = new ulong[capacity / 64];
        }
        catch (OutOfMemoryException)
        {
            return false; // others were faster; the caller has a file to give up
        }

        using var guard = _lock.Acquire();
        if (_files.Length >= capacity)
        {
            return true;
        }

        _files.CopyTo(files, 0);
        _open.CopyTo(open, 0);
        _closeOnExec.CopyTo(closeOnExec, 0);
        _open = open;
        _closeOnExec = closeOnExec;
        Volatile.Write(ref _files, files);
        return true;
    }

    private static void SetBit(ulong[] bits, int index, bool value)
    {
        if (value)
        {
            bits[index >> 6] |= 1UL << (index & 63);
        }
        else
        {
            bits[index >> 6] &= ~(1UL << (index & 63));
        }
    }
}
