// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd;

namespace Kernel.Virtio;

/// <summary>Whom an interrupt is about, and the causes that a device with a line gives for it (VIRTIO 1.2, sections 4.1.4.5 and 4.2.2).</summary>
internal sealed class VirtioCauses
{
    /// <summary>The device has used buffers.</summary>
    public const uint UsedBuffer = 1;

    /// <summary>The device's configuration has changed.</summary>
    public const uint Configuration = 2;

    private VirtioDevice? _device;

    // Replaced, never changed, since the interrupt may come meanwhile.
    private Virtqueue[] _queues = [];

    /// <summary>There is somebody to tell.</summary>
    public bool IsConnected
    {
        [InterruptSafe]
        get => Volatile.Read(ref _device) is not null;
    }

    /// <summary>Says whose interrupt it is.</summary>
    public void Connect(VirtioDevice device) => Volatile.Write(ref _device, device);

    /// <summary>Adds a queue that the interrupt may be about.</summary>
    public void Add(Virtqueue queue) => Volatile.Write(ref _queues, [.. _queues, queue]);

    /// <summary>Passes the causes on.</summary>
    /// <returns>False when there are none, or nobody to tell.</returns>
    [InterruptSafe]
    public bool Tell(uint causes)
    {
        if ((causes & (UsedBuffer | Configuration)) == 0 || Volatile.Read(ref _device) is not { } device)
        {
            return false;
        }

        if ((causes & Configuration) != 0)
        {
            device.OnConfigurationInterrupt();
        }

        if ((causes & UsedBuffer) != 0)
        {
            foreach (var queue in Volatile.Read(ref _queues))
            {
                device.OnQueueInterrupt(queue);
            }
        }

        return true;
    }
}
