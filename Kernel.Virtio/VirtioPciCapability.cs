// SPDX-License-Identifier: MPL-2.0
using System.Diagnostics.CodeAnalysis;
using Ostd.Devices;
using Ostd.Devices.Pci;

namespace Kernel.Virtio;

/// <summary>Where a part of the registers lies (VIRTIO 1.2, section 4.1.4).</summary>
/// <param name="Bar">The base address register.</param>
/// <param name="Offset">Where the part begins.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="NotifyMultiplier">For notifications: bytes between two of their registers.</param>
internal readonly record struct VirtioPciCapability(int Bar, uint Offset, uint Length, uint NotifyMultiplier)
{
    /// <summary>The common configuration.</summary>
    public const byte Common = 1;

    /// <summary>Notifications.</summary>
    public const byte Notify = 2;

    /// <summary>Why the device has raised its line.</summary>
    public const byte InterruptStatus = 3;

    /// <summary>The configuration of the device's type.</summary>
    public const byte Device = 4;

    private const byte VendorSpecific = 9;
    private const int HeaderLength = 16;
    private const int MultiplierLength = 4;
    private const int ConfigurationSpace = 256;

    // No part of a device that is known here is longer; a capability may claim up to 4 GiB.
    private const uint MaxLength = 1 << 20;

    /// <summary>The first capability of a kind that can be used: section 4.1.4 lets a device offer several, in the order of its preference.</summary>
    public static VirtioPciCapability? Find(PciFunction function, byte kind)
    {
        for (var at = function.FindCapability(VendorSpecific); at != 0; at = function.FindCapability(VendorSpecific, at))
        {
            var needed = kind == Notify ? HeaderLength + MultiplierLength : HeaderLength;
            if (at > ConfigurationSpace - needed || function.ReadConfigurationByte(at + 2) < needed || function.ReadConfigurationByte(at + 3) != kind)
            {
                continue;
            }

            int bar = function.ReadConfigurationByte(at + 4);
            var length = function.ReadConfigurationUInt32(at + 12);
            if (bar <= 5 && length is > 0 and <= MaxLength)
            {
                return new VirtioPciCapability(bar, function.ReadConfigurationUInt32(at + 8), length, kind == Notify ? function.ReadConfigurationUInt32(at + HeaderLength) : 0);
            }
        }

        return null;
    }

    /// <summary>Takes the registers.</summary>
    public bool TryAcquire(PciFunction function, [NotNullWhen(true)] out IoMem? registers) => function.TryAcquireMemory(Bar, Offset, (int)Length, out registers);
}
