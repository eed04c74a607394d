// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using Ostd.Arch;

namespace Ostd.Devices;

/// <summary>A range of x86 I/O ports, exclusively owned. Ranges that OSTD uses itself or that could break memory safety are refused.</summary>
public sealed class IoPortRange : IDisposable
{
    private static readonly ClaimedRanges s_taken = new();

    private readonly ClaimedRange _range;
    private readonly ushort _firstPort;
    private readonly int _count;
    private bool _isDisposed;

    private IoPortRange(ushort firstPort, int count)
    {
        _range = new ClaimedRange(firstPort, (ulong)count);
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
        range = s_taken.TryClaim(candidate._range) ? candidate : null;
        return range is not null;
    }

    public byte ReadByte(int offset) => PortIo.ReadByte(PortAt(offset, 1));

    public void WriteByte(int offset, byte value) => PortIo.WriteByte(PortAt(offset, 1), value);

    public ushort ReadUInt16(int offset) => PortIo.ReadUInt16(PortAt(offset, 2));

    public void WriteUInt16(int offset, ushort value) => PortIo.WriteUInt16(PortAt(offset, 2), value);

    public uint ReadUInt32(int offset) => PortIo.ReadUInt32(PortAt(offset, 4));

    public void WriteUInt32(int offset, uint value) => PortIo.WriteUInt32(PortAt(offset, 4), value);

    public void Dispose()
    {
        _isDisposed = true;
        s_taken.Release(_range);
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
