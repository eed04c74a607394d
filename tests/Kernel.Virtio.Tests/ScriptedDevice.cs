// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using Kernel.Abstractions;

namespace Kernel.Virtio.Tests;

/// <summary>The device's side of the registers, and its queues. It does nothing by itself: a test decides what it says, and when it interrupts.</summary>
internal sealed class ScriptedDevice : IVirtioTransport
{
    public const ulong Version1 = 1UL << 32;
    public const ulong AccessPlatform = 1UL << 33;

    private readonly List<ScriptedQueue> _queues = [];
    private VirtioDevice? _device;
    private DeviceStatus _status;

    public string Name => "scripted";

    public bool IsBehindIommu { get; set; }

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

    /// <summary>What the device does when its status is read.</summary>
    public Action OnReadStatus { get; set; } = static () => { };

    public int Kicks { get; private set; }

    public int QueueCount { get; set; } = 1;

    public ushort UsedIndex => this[0].UsedIndex;

    public Virtqueue Queue => this[0].Queue;

    /// <summary>A queue that the driver has made.</summary>
    public ScriptedQueue this[int index] => _queues[index];

    public int EnabledQueues => _queues.Count;

    /// <summary>What the device does when it gets a queue.</summary>
    public Action OnEnableQueue { get; set; } = static () => { };

    /// <summary>The driver asked for the device to be kept from memory.</summary>
    public bool IsIsolated { get; private set; }

    public DeviceStatus Status
    {
        get
        {
            OnReadStatus();
            return (_status & ~Hidden) | Forced;
        }
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

    public int GetMaxQueueSize(int index) => (uint)index < (uint)QueueCount ? MaxQueueSize : 0;

    public Errno EnableQueue(Virtqueue queue)
    {
        _queues.Add(new ScriptedQueue(queue));
        OnEnableQueue();
        return Errno.Success;
    }

    public void Isolate() => IsIsolated = true;

    public void Notify(int index) => Kicks++;

    /// <summary>The device interrupts for a queue.</summary>
    public void Interrupt(int index = 0) => _device!.OnQueueInterrupt(this[index].Queue);

    /// <summary>The device interrupts for its configuration.</summary>
    public void InterruptConfiguration() => _device!.OnConfigurationInterrupt();

    /// <summary>As of queue 0.</summary>
    public bool TryReceive(out ushort head) => this[0].TryReceive(out head);

    /// <inheritdoc cref="TryReceive"/>
    public List<DevicePart> PartsOf(ushort head) => this[0].PartsOf(head);

    /// <inheritdoc cref="TryReceive"/>
    public void Use(uint id, uint length) => this[0].Use(id, length);

    /// <inheritdoc cref="TryReceive"/>
    public void SetUsedIndex(ushort index) => this[0].SetUsedIndex(index);
}
