// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Numerics;
using System.Threading;
using Kernel.Abstractions;
using Kernel.Abstractions.Devices;
using Ostd;
using Ostd.Logging;
using Ostd.Tasks;
using Ostd.Time;

namespace Kernel.Virtio;

/// <summary>A virtio device from discovery to failure (VIRTIO 1.2, section 3.1). What it says is checked; what breaks a rule ends its service and nothing else.</summary>
internal sealed class VirtioDevice : IVirtioDevice
{
    // Reserved feature bits, section 6.
    private const ulong FeatureVersion1 = 1UL << 32;
    private const ulong FeatureAccessPlatform = 1UL << 33;

    private const long ResetTimeoutNs = 1_000_000_000;
    private const int MaxConfigurationReads = 16;

    private readonly IVirtioTransport _transport;
    private readonly DeferredWork _failure;
    private readonly List<Virtqueue> _queues = [];
    private string _reason = "";
    private int _isBroken;

    // The driver is complete. A device that interrupts before finds nobody.
    private bool _isStarted;

    public VirtioDevice(IVirtioTransport transport)
    {
        _transport = transport;
        _failure = new DeferredWork(EndService, transport.Name);
    }

    /// <inheritdoc/>
    public string Name => _transport.Name;

    /// <inheritdoc/>
    [InterruptSafe]
    public bool IsBroken => Volatile.Read(ref _isBroken) != 0;

    /// <inheritdoc/>
    public int ConfigurationLength => _transport.ConfigurationLength;

    /// <inheritdoc/>
    public DeferredWork? ConfigurationChanged { get; set; }

    /// <summary>Hands the device to its driver; a device that is refused is reset.</summary>
    public Errno Attach(IVirtioDriver driver)
    {
        _transport.Status = DeviceStatus.Reset;
        if (!WaitForReset())
        {
            return Errno.EIO;
        }

        var error = driver.Attach(this);
        if (error != Errno.Success)
        {
            Volatile.Write(ref _isBroken, 1);
            _transport.Status = DeviceStatus.Reset;
            foreach (var queue in _queues)
            {
                queue.Release();
            }
        }

        return error;
    }

    /// <inheritdoc/>
    public Result<ulong> Negotiate(ulong wanted)
    {
        _transport.Status = DeviceStatus.Acknowledge;
        _transport.Status = DeviceStatus.Acknowledge | DeviceStatus.Driver;
        var offered = _transport.ReadDeviceFeatures();
        if ((offered & FeatureVersion1) == 0)
        {
            return Errno.EPROTO;
        }

        if (_transport.IsBehindIommu && (offered & FeatureAccessPlatform) == 0)
        {
            // Section 6.1: such a device uses physical addresses, past the IOMMU. It reaches all memory, which nothing here can hinder but not to let it start.
            Log.Warn(Name + ": refused: its memory accesses would bypass the IOMMU (it does not offer VIRTIO_F_ACCESS_PLATFORM)");
            return Errno.EPERM;
        }

        // Without an IOMMU a device's addresses are physical ones, whether it would have them translated or not.
        var agreed = offered & (wanted | FeatureVersion1 | FeatureAccessPlatform);
        _transport.WriteDriverFeatures(agreed);
        _transport.Status |= DeviceStatus.FeaturesOk;
        if ((_transport.Status & DeviceStatus.FeaturesOk) == 0)
        {
            return Errno.EPROTO;
        }

        var error = _transport.ConnectInterrupts(this);
        return error == Errno.Success ? agreed : error;
    }

    /// <inheritdoc/>
    public Result<ulong> ReadConfiguration(int offset, int size)
    {
        if (size is not (1 or 2 or 4 or 8) || offset < 0 || offset % Math.Min(size, 4) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(offset));
        }

        if (offset > ConfigurationLength - size)
        {
            return Errno.EPROTO;
        }

        for (var i = 0; i < MaxConfigurationReads; i++)
        {
            var before = _transport.ConfigurationGeneration;
            ulong value = _transport.ReadConfiguration(offset, Math.Min(size, 4));
            if (size == 8)
            {
                value |= (ulong)_transport.ReadConfiguration(offset + 4, 4) << 32;
            }

            if (_transport.ConfigurationGeneration == before)
            {
                return value;
            }
        }

        return Errno.EPROTO;
    }

    /// <inheritdoc/>
    public Result<IVirtqueue> CreateQueue(int index, int maxSize, IVirtqueueHandler handler)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxSize, 1);
        var size = Math.Min(Math.Min(_transport.GetMaxQueueSize(index), maxSize), Virtqueue.MaxSize);
        if (size < 1)
        {
            return Errno.ENODEV;
        }

        // Section 2.7: the size of a split queue is a power of two; a driver may choose a smaller one (section 4.1.5.1.3).
        var queue = Virtqueue.TryCreate(this, index, 1 << BitOperations.Log2((uint)size), handler);
        if (queue is null)
        {
            return Errno.ENOMEM;
        }

        _queues.Add(queue);
        var error = _transport.EnableQueue(queue);
        return error == Errno.Success ? Result<IVirtqueue>.Ok(queue) : error;
    }

    /// <inheritdoc/>
    public Errno Start()
    {
        Volatile.Write(ref _isStarted, true);
        _transport.Status |= DeviceStatus.DriverOk;
        return !IsBroken && (_transport.Status & DeviceStatus.NeedsReset) == 0 ? Errno.Success : Errno.EIO;
    }

    /// <inheritdoc/>
    [InterruptSafe]
    public void Fail(string reason)
    {
        if (Interlocked.Exchange(ref _isBroken, 1) == 0)
        {
            _transport.Status = DeviceStatus.Reset;
            _reason = reason;
            _failure.Queue();
        }
    }

    /// <summary>The device has changed its configuration or its status. In interrupt context.</summary>
    [InterruptSafe]
    public void OnConfigurationInterrupt()
    {
        if (IsBroken)
        {
            return;
        }

        if ((_transport.Status & DeviceStatus.NeedsReset) != 0)
        {
            Fail("says that it needs a reset");
            return;
        }

        ConfigurationChanged?.Queue();
    }

    /// <summary>The device has used buffers of a queue. In interrupt context.</summary>
    [InterruptSafe]
    public void OnQueueInterrupt(Virtqueue queue)
    {
        if (Volatile.Read(ref _isStarted) && !IsBroken)
        {
            queue.Handler.OnUsed(queue);
        }
    }

    /// <summary>Passes a kick on.</summary>
    [InterruptSafe]
    public void Notify(int index) => _transport.Notify(index);

    // The reset is complete when the status reads 0 (sections 4.1.4.3.2 and 4.2.2.1); a device that was reset neither reads nor writes memory (section 2.4.2).
    private bool WaitForReset()
    {
        var deadline = Clock.MonotonicNs + ResetTimeoutNs;
        while (_transport.Status != DeviceStatus.Reset)
        {
            if (Clock.MonotonicNs >= deadline)
            {
                return false;
            }

            _ = Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
        }

        return true;
    }

    private void EndService()
    {
        var isQuiet = WaitForReset();
        if (!isQuiet)
        {
            _transport.Isolate();
        }

        Log.Error(Name + ": out of service: the device " + _reason + (isQuiet ? "" : ", and does not acknowledge its reset: it keeps the memory that it has"));
        foreach (var queue in _queues)
        {
            queue.Handler.OnBroken(isQuiet);
        }
    }
}
