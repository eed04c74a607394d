// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using Ostd.Arch;
using Ostd.Sync;

namespace Ostd.Devices;

/// <summary>A range of x86 I/O ports, exclusively owned. Ranges that OSTD uses itself or that could break memory safety are refused.</summary>
public sealed class IoPortRange : IDisposable
{
    private static RawSpinLock s_lock;
    private static IoPortRange? s_first;

    private readonly ushort _firstPort;
    private readonly int _count;
    private IoPortRange? _next;
    private bool _isDisposed;

    private IoPortRange(ushort firstPort, int count)
    {
        _firstPort = firstPort;
        _count = count;
    }

    /// <summary>Takes a range.</summary>
    /// <returns>False when it is sensitive, taken, or the architecture has no ports.</returns>
    public static bool TryAcquire(ushort firstPort, int count, [NotNullWhen(true)] out IoPortRange? range)
    {
        range = null;
        if (!PortIo.IsSupported || count <= 0 || firstPort + count > 0x1_0000)
        {
            return false;
        }

        for (int i = 0; i < count; i++)
        {
            if (PortIo.IsSensitive((ushort)(firstPort + i)))
            {
                return false;
            }
        }

        var candidate = new IoPortRange(firstPort, count);
        bool wereEnabled = s_lock.Enter();
        bool isFree = true;
        for (IoPortRange? other = s_first; other is not null; other = other._next)
        {
            isFree &= firstPort + count <= other._firstPort || other._firstPort + other._count <= firstPort;
        }

        if (isFree)
        {
            candidate._next = s_first;
            s_first = candidate;
            range = candidate;
        }

        s_lock.Exit(wereEnabled);
        return isFree;
    }

    public byte ReadByte(int offset) => PortIo.ReadByte(PortAt(offset, 1));

    public void WriteByte(int offset, byte value) => PortIo.WriteByte(PortAt(offset, 1), value);

    public ushort ReadUInt16(int offset) => PortIo.ReadUInt16(PortAt(offset, 2));

    public void WriteUInt16(int offset, ushort value) => PortIo.WriteUInt16(PortAt(offset, 2), value);

    public uint ReadUInt32(int offset) => PortIo.ReadUInt32(PortAt(offset, 4));

    public void WriteUInt32(int offset, uint value) => PortIo.WriteUInt32(PortAt(offset, 4), value);

    public void Dispose()
    {
        bool wereEnabled = s_lock.Enter();
        if (!_isDisposed)
        {
            _isDisposed = true;
            Unlink();
        }

        s_lock.Exit(wereEnabled);
    }

    private void Unlink()
    {
        if (s_first == this)
        {
            s_first = _next;
            return;
        }

        for (IoPortRange? other = s_first; other is not null; other = other._next)
        {
            if (other._next == this)
            {
                other._next = _next;
                return;
            }
        }
    }

    private ushort PortAt(int offset, int size)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (offset < 0 || offset > _count - size)
        {
            throw new ArgumentOutOfRangeException(nameof(offset));
        }

        return (ushort)(_firstPort + offset);
    }
}
