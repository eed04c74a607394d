// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Ostd.Hosting;

namespace Kernel.Virtio.Tests;

/// <summary>A part of a request, as the device finds it.</summary>
internal readonly record struct DevicePart(ulong Address, uint Length, bool IsWritable);

/// <summary>The device's side of one queue.</summary>
internal sealed class ScriptedQueue(Virtqueue queue)
{
    private ushort _seen;

    public Virtqueue Queue => queue;

    public ushort UsedIndex { get; private set; }

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
