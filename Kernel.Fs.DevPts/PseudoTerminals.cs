// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Terminals;
using Kernel.Abstractions.Time;
using Ostd.Memory;
using Mutex = Ostd.Sync.Mutex;

namespace Kernel.Fs.DevPts;

/// <summary>All pseudo-terminals: /dev/ptmx, which makes them, and the devices 136:n of the slaves.</summary>
[CharacterDevice("ptmx", 5, 2)]
public sealed class PseudoTerminals(ITerminalFactory terminals, Late<IDeviceRegistry> devices, ITimeKeeper time)
    : ICharacterDevice, IInitializable
{
    /// <summary>First of the majors of Unix98 slaves.</summary>
    private const int SlaveMajor = 136;

    /// <summary>Most pairs at a time (/proc/sys/kernel/pty/max).</summary>
    private const int MaxPairs = 4096;

    private readonly Mutex _mutex = new();
    private PseudoTerminal?[] _pairs = new PseudoTerminal?[16];
    private DevPts? _fileSystem;

    /// <summary>The one instance, which all mounts show.</summary>
    internal DevPts FileSystem
        => Volatile.Read(ref _fileSystem) ?? Interlocked.CompareExchange(ref _fileSystem, new DevPts(time.RealTimeNs), null) ?? _fileSystem;

    /// <inheritdoc/>
    public void Initialize()
    {
        // Nobody else has this major: a failure is a wrong image.
        if (devices.Value.RegisterRange(SlaveMajor, 0, MaxPairs, new Slaves(this)) != Errno.Success)
        {
            throw new InvalidOperationException("major 136 is taken");
        }
    }

    /// <inheritdoc/>
    /// <returns>ENOSPC when there are too many.</returns>
    public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread)
    {
        if (!HeapReserve.HasRoom)
        {
            return Errno.ENOMEM;
        }

        // A number is taken, shown in the file system and held by a master, or none of that: there is room.
        using var reserve = HeapReserve.Enter();
        using var guard = _mutex.Acquire();
        var index = Array.FindIndex(_pairs, static pair => pair is null);
        if (index < 0)
        {
            index = _pairs.Length;
            if (index == MaxPairs)
            {
                return Errno.ENOSPC;
            }

            Array.Resize(ref _pairs, Math.Min(index * 2, MaxPairs));
        }

        var pair = new PseudoTerminal(this, index);
        var slave = new DeviceNumber(SlaveMajor, index);
        pair.Line = terminals.CreatePseudoTerminal("pts/" + index.ToString(System.Globalization.CultureInfo.InvariantCulture), slave, pair);
        pair.Node = new DevPtsNode(FileSystem, index, slave, thread?.Credentials ?? Credentials.Root, time.RealTimeNs);
        _pairs[index] = pair;
        FileSystem.Add(pair.Node);
        return new PseudoTerminalMaster(node, flags, pair);
    }

    /// <summary>Takes the slave's node away.</summary>
    internal void RemoveNode(PseudoTerminal pair) => FileSystem.Remove(pair.Node);

    /// <summary>Master and slave are closed: the number is free again.</summary>
    internal void Free(PseudoTerminal pair)
    {
        using var guard = _mutex.Acquire();
        if (ReferenceEquals(_pairs[pair.Index], pair))
        {
            _pairs[pair.Index] = null;
        }
    }

    private PseudoTerminal? Find(int index)
    {
        using var guard = _mutex.Acquire();
        return index < _pairs.Length ? _pairs[index] : null;
    }

    /// <summary>The slaves' device: any node with the number leads to the slave.</summary>
    private sealed class Slaves(PseudoTerminals owner) : ICharacterDevice
    {
        public Result<OpenFile> Open(Inode node, DeviceNumber number, OpenFlags flags, IThread? thread)
            => owner.Find(number.Minor) is { } pair ? pair.Line.Open(node, number, flags, thread) : Errno.EIO;
    }
}
