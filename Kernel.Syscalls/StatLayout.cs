// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;
using Ostd.Cpus;

namespace Kernel.Syscalls;

/// <summary>Fills a structure field by field, in little-endian order.</summary>
internal ref struct LayoutWriter(Span<byte> bytes)
{
    private readonly Span<byte> _bytes = bytes;
    private int _position;

    public void Put64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes[_position..], value);
        _position += 8;
    }

    public void Put64(long value) => Put64((ulong)value);

    public void Put32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes[_position..], value);
        _position += 4;
    }

    public void Put16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes[_position..], value);
        _position += 2;
    }

    public void Skip(int count) => _position += count;

    /// <summary>struct timespec; a time before 1970 has a negative second and a positive fraction.</summary>
    public void PutTime(long timeNs)
    {
        var (seconds, fraction) = Split(timeNs);
        Put64(seconds);
        Put64((long)fraction);
    }

    public static (long Seconds, uint Nanoseconds) Split(long timeNs)
    {
        var seconds = Math.DivRem(timeNs, 1_000_000_000, out var fraction);
        return fraction < 0 ? (seconds - 1, (uint)(fraction + 1_000_000_000)) : (seconds, (uint)fraction);
    }

    /// <summary>Copies the structure to user memory.</summary>
    public readonly Errno CopyTo(UserAddress address)
    {
        var writer = address.Writer(_bytes.Length);
        return writer.Write(_bytes) == _bytes.Length ? Errno.Success : Errno.EFAULT;
    }
}

/// <summary><c>struct stat</c>: x86-64 has its own, the newer architectures share one (asm-generic/stat.h).</summary>
internal static class StatLayout
{
    private const int X64Size = 144;
    private const int GenericSize = 128;

    public static Errno Write(UserAddress address, in InodeAttributes attributes)
        => Cpu.MachineName == "x86_64" ? WriteX64(address, in attributes) : WriteGeneric(address, in attributes);

    private static Errno WriteX64(UserAddress address, in InodeAttributes attributes)
    {
        Span<byte> bytes = stackalloc byte[X64Size];
        bytes.Clear();
        var layout = new LayoutWriter(bytes);
        layout.Put64(attributes.DeviceId);
        layout.Put64(attributes.InodeNumber);
        layout.Put64((ulong)attributes.LinkCount);
        layout.Put32((uint)attributes.Type | (uint)attributes.Mode);
        layout.Put32(attributes.Uid);
        layout.Put32(attributes.Gid);
        layout.Skip(4);
        layout.Put64(attributes.Device.Encoded);
        layout.Put64(attributes.SizeBytes);
        layout.Put64((long)attributes.BlockSizeBytes);
        layout.Put64(attributes.Blocks);
        layout.PutTime(attributes.AccessTimeNs);
        layout.PutTime(attributes.ModificationTimeNs);
        layout.PutTime(attributes.ChangeTimeNs);
        return layout.CopyTo(address);
    }

    private static Errno WriteGeneric(UserAddress address, in InodeAttributes attributes)
    {
        Span<byte> bytes = stackalloc byte[GenericSize];
        bytes.Clear();
        var layout = new LayoutWriter(bytes);
        layout.Put64(attributes.DeviceId);
        layout.Put64(attributes.InodeNumber);
        layout.Put32((uint)attributes.Type | (uint)attributes.Mode);
        layout.Put32(attributes.LinkCount);
        layout.Put32(attributes.Uid);
        layout.Put32(attributes.Gid);
        layout.Put64(attributes.Device.Encoded);
        layout.Skip(8);
        layout.Put64(attributes.SizeBytes);
        layout.Put32((uint)attributes.BlockSizeBytes);
        layout.Skip(4);
        layout.Put64(attributes.Blocks);
        layout.PutTime(attributes.AccessTimeNs);
        layout.PutTime(attributes.ModificationTimeNs);
        layout.PutTime(attributes.ChangeTimeNs);
        return layout.CopyTo(address);
    }
}

/// <summary><c>struct statx</c> (man 2 statx), alike on all architectures.</summary>
internal static class StatxLayout
{
    private const int Size = 256;
    private const uint STATX_BASIC_STATS = 0x7ff;
    private const uint STATX_BTIME = 0x800;
    private const uint STATX_MNT_ID = 0x1000;

    public static Errno Write(UserAddress address, in InodeAttributes attributes, IMount? mount)
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        var layout = new LayoutWriter(bytes);
        var mask = STATX_BASIC_STATS | (attributes.BirthTimeNs != 0 ? STATX_BTIME : 0) | (mount is not null ? STATX_MNT_ID : 0);
        layout.Put32(mask);
        layout.Put32((uint)attributes.BlockSizeBytes);
        layout.Put64(0L);
        layout.Put32(attributes.LinkCount);
        layout.Put32(attributes.Uid);
        layout.Put32(attributes.Gid);
        layout.Put16((ushort)((uint)attributes.Type | (uint)attributes.Mode));
        layout.Skip(2);
        layout.Put64(attributes.InodeNumber);
        layout.Put64(attributes.SizeBytes);
        layout.Put64(attributes.Blocks);
        layout.Put64(0L);
        PutTime(ref layout, attributes.AccessTimeNs);
        PutTime(ref layout, attributes.BirthTimeNs);
        PutTime(ref layout, attributes.ChangeTimeNs);
        PutTime(ref layout, attributes.ModificationTimeNs);
        layout.Put32((uint)attributes.Device.Major);
        layout.Put32((uint)attributes.Device.Minor);
        var device = DeviceNumber.Decode(attributes.DeviceId);
        layout.Put32((uint)device.Major);
        layout.Put32((uint)device.Minor);
        layout.Put64((ulong)(mount?.Id ?? 0));
        return layout.CopyTo(address);
    }

    private static void PutTime(ref LayoutWriter layout, long timeNs)
    {
        var (seconds, nanoseconds) = LayoutWriter.Split(timeNs);
        layout.Put64(seconds);
        layout.Put32(nanoseconds);
        layout.Skip(4);
    }
}

/// <summary><c>struct statfs</c> of a 64-bit program (man 2 statfs).</summary>
internal static class StatFsLayout
{
    private const int Size = 120;
    private const ulong ST_VALID = 0x20;

    public static Errno Write(UserAddress address, IFileSystemInstance system, IMount? mount)
    {
        var statistics = system.GetStatistics();
        Span<byte> bytes = stackalloc byte[Size];
        bytes.Clear();
        var layout = new LayoutWriter(bytes);
        layout.Put64(statistics.Magic);
        layout.Put64(statistics.BlockSize);
        layout.Put64(statistics.Blocks);
        layout.Put64(statistics.FreeBlocks);
        layout.Put64(statistics.AvailableBlocks);
        layout.Put64(statistics.Files);
        layout.Put64(statistics.FreeFiles);
        layout.Put64(system.DeviceId);
        layout.Put64(statistics.NameLength);
        layout.Put64(statistics.BlockSize);
        layout.Put64(ST_VALID | (mount?.StatFlags ?? 0));
        return layout.CopyTo(address);
    }
}
