// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Kernel.Abstractions;
using Ostd.Hosting;

namespace Kernel.Virtio.Tests;

/// <summary>A part of a request, as the device finds it.</summary>
internal readonly record struct DevicePart(ulong Address, uint Length, bool IsWritable);

/// <summary>The device's side of one queue and of the registers. It does nothing by itself: a test decides what it says, and when it interrupts.</summary>
internal sealed class ScriptedDevice : IVirtioTransport
{
    public const ulong Version1 = 1UL << 32;

    private Virtqueue? _queue;
    private VirtioDevice? _device;
    private DeviceStatus _status;
    private ushort _seen;

    public string Name => "scripted";

    public int DeviceId => 2;

    public ulong Features { get; set; } = Version1;

    public ulong Accepted { get; private set; }

    public byte[] Configuration { get; set; } = new byte[24];

    public int ConfigurationLength => Configuration.Length;

    public Func<byte> NextGeneration { get; set; } = static () => 0;

    public byte ConfigurationGeneration => NextGeneration();

    public int MaxQueueSize { get; set; } = 256;

    /// <summary>Bits that the device refuses to show.</summary>
    public DeviceStatus Hidden { get; set; }

    /// <summary>Bits that the device shows although nobody set them.</summary>
    public DeviceStatus Forced { get; set; }

    public int Kicks { get; private set; }

    public ushort UsedIndex { get; private set; }

    public Virtqueue Queue => _queue ?? throw new InvalidOperationException("The driver has made no queue.");

    public DeviceStatus Status
    {
        get => (_status & ~Hidden) | Forced;
        set => _status = value;
    }

    public uint ReadConfiguration(int offset, int size) => size switch
    {
        1 => Configuration[offset],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(Configuration.AsSpan(offset)),
        _ => BinaryPrimitives.ReadUInt32LittleEndian(Configuration.AsSpan(offset)),
    };

    public ulong ReadDeviceFeatures() => Features;

    public void WriteDriverFeatures(ulong features) => Accepted = features;

    public Errno ConnectInterrupts(VirtioDevice device)
    {
        _device = device;
        return Errno.Success;
    }

    public int GetMaxQueueSize(int index) => index == 0 ? MaxQueueSize : 0;

    public Errno EnableQueue(Virtqueue queue)
    {
        _queue = queue;
        return Errno.Success;
    }

    public void Notify(int index) => Kicks++;

    /// <summary>The device interrupts for its queue.</summary>
    public void Interrupt() => _device!.OnQueueInterrupt(Queue);

    /// <summary>The device interrupts for its configuration.</summary>
    public void InterruptConfiguration() => _device!.OnConfigurationInterrupt();

    /// <summary>Takes the next request.</summary>
    public bool TryReceive(out ushort head)
    {
        head = 0;
        if (Read16(Queue.AvailableAddress + 2) == _seen)
        {
            return false;
        }

        head = Read16(Queue.AvailableAddress + 4 + (ulong)(_seen++ % Queue.Size) * 2);
        return true;
    }

    /// <summary>Follows a request through the descriptors.</summary>
    public List<DevicePart> PartsOf(ushort head)
    {
        var parts = new List<DevicePart>();
        Span<byte> descriptor = stackalloc byte[16];
        int next = head;
        do
        {
            DeviceBus.Read(Queue.DescriptorAddress + (ulong)next * 16, descriptor);
            var flags = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[12..]);
            parts.Add(new DevicePart(BinaryPrimitives.ReadUInt64LittleEndian(descriptor), BinaryPrimitives.ReadUInt32LittleEndian(descriptor[8..]), (flags & 2) != 0));
            next = (flags & 1) != 0 ? BinaryPrimitives.ReadUInt16LittleEndian(descriptor[14..]) : -1;
        }
        while (next >= 0 && parts.Count <= Queue.Size);
        return parts;
    }

    /// <summary>Says that a request is done.</summary>
    public void Use(uint id, uint length)
    {
        Span<byte> entry = stackalloc byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, id);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], length);
        DeviceBus.Write(Queue.UsedAddress + 4 + (ulong)(UsedIndex % Queue.Size) * 8, entry);
        SetUsedIndex((ushort)(UsedIndex + 1));
    }

    /// <summary>Writes the used index, whatever it is.</summary>
    public void SetUsedIndex(ushort index)
    {
        UsedIndex = index;
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, index);
        DeviceBus.Write(Queue.UsedAddress + 2, bytes);
    }

    private static ushort Read16(ulong address)
    {
        Span<byte> bytes = stackalloc byte[2];
        DeviceBus.Read(address, bytes);
        return BinaryPrimitives.ReadUInt16LittleEndian(bytes);
    }
}
