// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Devices;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Time;
using Ostd.Devices;
using Ostd.Logging;
using Ostd.Memory;

namespace Kernel.Drivers.VirtioRandom;

/// <summary>Takes a virtio entropy device into service (VIRTIO 1.2, section 5.4): its first bytes go into the kernel's random numbers, the first device is /dev/hwrng.</summary>
[VirtioDriver(4, Stage = InitStage.Late)]
public sealed class VirtioRandomDriver(IRandomSource random, IDeviceRegistry devices) : IVirtioDriver
{
    // Linux' devices.txt: a miscellaneous device, for root alone.
    private const int Major = 10;
    private const int Minor = 183;
    private const int NodeMode = 0x180;

    private const int SeedLength = 32;
    private const long SeedTimeoutNs = 1_000_000_000;

    /// <inheritdoc/>
    public Errno Attach(IVirtioDevice device)
    {
        if (!device.Negotiate(0).TryGet(out _, out var error))
        {
            return error;
        }

        if (!DmaCoherent.TryAllocate(EntropyDevice.BufferLength, out var buffer))
        {
            return Errno.ENOMEM;
        }

        var entropy = new EntropyDevice(device, buffer);
        if (!device.CreateQueue(0, 1, entropy).TryGet(out var queue, out error))
        {
            return error;
        }

        entropy.Attach(queue);
        error = device.Start();
        if (error != Errno.Success)
        {
            return error;
        }

        // A device that is slow with its first bytes is no reason to hold the boot up.
        Span<byte> seed = stackalloc byte[SeedLength];
        var writer = new VmWriter(seed);
        if (entropy.Read(ref writer, SeedTimeoutNs).IsOk)
        {
            random.Mix(seed);
            seed.Clear();
        }

        if (devices.Register("hwrng", new DeviceNumber(Major, Minor), NodeMode, entropy) != Errno.Success)
        {
            Log.Info(device.Name + ": there is a /dev/hwrng already");
        }

        return Errno.Success;
    }
}
