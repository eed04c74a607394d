// SPDX-License-Identifier: MPL-2.0
using System;
using System.Diagnostics.CodeAnalysis;
using Ostd.Arch;
using Ostd.Diagnostics;

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

    /// <summary>Reads one byte from the port at an offset from the first one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It lies outside of the range.</exception>
    /// <exception cref="ObjectDisposedException">The range was given back.</exception>
    [InterruptSafe]
    public byte ReadByte(int offset) => PortIo.ReadByte(PortAt(offset, 1));

    /// <summary>Writes one byte. Throws as <see cref="ReadByte"/> does.</summary>
    [InterruptSafe]
    public void WriteByte(int offset, byte value) => PortIo.WriteByte(PortAt(offset, 1), value);

    /// <summary>Reads two bytes by one access; both ports belong to the range. Throws as <see cref="ReadByte"/> does.</summary>
    public ushort ReadUInt16(int offset) => PortIo.ReadUInt16(PortAt(offset, 2));

    /// <summary>Writes two bytes by one access. Throws as <see cref="ReadByte"/> does.</summary>
    public void WriteUInt16(int offset, ushort value) => PortIo.WriteUInt16(PortAt(offset, 2), value);

    /// <summary>Reads four bytes by one access; all four ports belong to the range. Throws as <see cref="ReadByte"/> does.</summary>
    public uint ReadUInt32(int offset) => PortIo.ReadUInt32(PortAt(offset, 4));

    /// <summary>Writes four bytes by one access. Throws as <see cref="ReadByte"/> does.</summary>
    public void WriteUInt32(int offset, uint value) => PortIo.WriteUInt32(PortAt(offset, 4), value);

    /// <summary>Gives the ports back: another driver can have them. Further accesses throw; a second time has no effect.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        s_taken.Release(_range);
    }

    [InterruptSafe]
    private ushort PortAt(int offset, int size)
    {
        Disposed.ThrowIf(_isDisposed, nameof(IoPortRange));
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, _count - size);

        return (ushort)(_firstPort + offset);
    }
}
