// SPDX-License-Identifier: MPL-2.0
using Ostd;
using Ostd.Tasks;

namespace Kernel.Abstractions.Devices;

/// <summary>Drives virtio devices of one type; implementers carry <c>[VirtioDriver(2)]</c>.</summary>
public interface IVirtioDriver
{
    /// <summary>Takes a device into service, in task context: negotiates features, makes queues, starts it.</summary>
    /// <returns><see cref="Errno.Success"/>, or why not; the device is reset then.</returns>
    Errno Attach(IVirtioDevice device);
}

/// <summary>A virtio device, over whatever bus it is reached (VIRTIO 1.2, chapter 2).</summary>
public interface IVirtioDevice
{
    /// <summary>For the log: <c>virtio-pci 0000:00:02.0</c>.</summary>
    string Name { get; }

    /// <summary>It has done what no device may do, or said that it needs a reset: it was reset and does nothing any more.</summary>
    [InterruptSafe]
    bool IsBroken { get; }

    /// <summary>Bytes of its configuration.</summary>
    int ConfigurationLength { get; }

    /// <summary>Agrees on features (section 3.1.1): of those offered the ones that are wanted, and VIRTIO_F_VERSION_1, without which the device is refused. Once, before anything else.</summary>
    /// <param name="wanted">Bits of the features that the driver understands.</param>
    /// <returns>What holds; EPROTO for a device that is too old or does not agree.</returns>
    Result<ulong> Negotiate(ulong wanted);

    /// <summary>Queued whenever the device says that its configuration has changed (section 2.5); null for nobody who wants to know. Set between <see cref="Negotiate"/> and <see cref="Start"/>.</summary>
    DeferredWork? ConfigurationChanged { get; set; }

    /// <summary>Reads a part of the configuration as one consistent value (section 2.5.1).</summary>
    /// <param name="offset">Where it is; a multiple of its size.</param>
    /// <param name="size">1, 2, 4 or 8 bytes.</param>
    /// <returns>The value; EPROTO when it leaves the configuration or never stands still.</returns>
    Result<ulong> ReadConfiguration(int offset, int size);

    /// <summary>Makes one of its queues, between <see cref="Negotiate"/> and <see cref="Start"/>.</summary>
    /// <param name="index">The queue's number.</param>
    /// <param name="maxSize">Entries that the driver wants at most.</param>
    /// <param name="handler">Hears of the queue's progress.</param>
    /// <returns>The queue; ENODEV when the device has none of that number, ENOMEM.</returns>
    Result<IVirtqueue> CreateQueue(int index, int maxSize, IVirtqueueHandler handler);

    /// <summary>The driver is ready: the device works from now on.</summary>
    Errno Start();

    /// <summary>Takes a device out of service that broke a rule, or does not answer: it is reset. Callable anywhere; allocates nothing. The handlers are told in task context, when the device has acknowledged its reset
    /// or has had a second for it.</summary>
    /// <param name="reason">A literal, for the log.</param>
    [InterruptSafe]
    void Fail(string reason);
}

/// <summary>Hears of a queue's progress.</summary>
public interface IVirtqueueHandler
{
    /// <summary>The device has used buffers. In interrupt context: allocates nothing, does not sleep.</summary>
    [InterruptSafe]
    void OnUsed(IVirtqueue queue);

    /// <summary>The device is broken: what it holds will never be used. In task context, once for each queue.</summary>
    /// <param name="isQuiet">The device has acknowledged its reset, and touches memory no more. Else it may go on for ever: what it was given must not be used again for anything.</param>
    void OnBroken(bool isQuiet);
}
