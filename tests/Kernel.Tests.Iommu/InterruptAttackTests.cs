// SPDX-License-Identifier: MPL-2.0
using System.Threading;
using Ostd;
using Ostd.Devices;
using Ostd.Devices.Pci;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using OstdIommu = Ostd.Devices.Iommu;

namespace Kernel.Tests.Iommu;

/// <summary>A device that raises another's interrupt. Its message is written past OSTD, as a device that lies would have it.</summary>
public static class InterruptAttackTests
{
    private const ushort VirtioVendor = 0x1af4;
    private const ushort TransitionalEntropy = 0x1005;
    private const ushort ModernEntropy = 0x1044;

    // PCI Local Bus Specification 3.0, section 6.8.1; the capability has addresses of 64 bits.
    private const byte MessageCapability = 0x05;
    private const uint MessageEnable = 1 << 16;

    // Intel SDM volume 3, section 11.11, and VT-d specification 4.0, section 5.1.5.2.
    private const uint PlainAddress = 0xfee0_0000;
    private const uint RemappableAddress = PlainAddress | 1 << 4 | 1 << 3;
    private const int IndexShift = 5;
    private const uint FirstDeviceVector = 0x20;
    private const long WindowNs = 50_000_000;

    [KernelTest]
    public static void Message_OfAnotherFunctionsLine_IsNotDelivered()
    {
        using var edu = EduDevice.Open();
        using var victim = TestFunctions.Take(VirtioVendor, TransitionalEntropy, ModernEntropy);
        victim.EnableMemory();
        KernelAssert.True(victim.TryAcquireInterrupt(0, out var line));
        var count = new Counter();
        line.Enable(static counter => ((Counter)counter!).Add(), count);
        if (OstdIommu.RemapsInterrupts)
        {
            Forge(edu, RemappableAddress | (uint)line.Number << IndexShift, 0);
            KernelAssert.Equal(0, count.WaitFor(1));
        }
        else
        {
            Forge(edu, PlainAddress, FirstDeviceVector + (uint)line.Number);
            KernelAssert.Equal(1, count.WaitFor(1));
        }

        line.Dispose();
    }

    private static void Forge(EduDevice edu, uint address, uint data)
    {
        var capability = edu.Function.FindCapability(MessageCapability);
        KernelAssert.True(capability != 0);
        var control = PciConfiguration.Read(edu.Function.Address, capability);
        PciConfiguration.Write(edu.Function.Address, capability + 4, address);
        PciConfiguration.Write(edu.Function.Address, capability + 8, 0);
        PciConfiguration.Write(edu.Function.Address, capability + 12, data);
        PciConfiguration.Write(edu.Function.Address, capability, control | MessageEnable);
        edu.Raise();
        PciConfiguration.Write(edu.Function.Address, capability, control & ~MessageEnable);
    }

    private sealed class Counter
    {
        private int _count;

        [InterruptSafe]
        public void Add() => Interlocked.Increment(ref _count);

        // That something does not happen can only be said of a stretch of time.
        public int WaitFor(int expected)
        {
            var deadline = Clock.MonotonicNs + WindowNs;
            while (Volatile.Read(ref _count) < expected && Clock.MonotonicNs < deadline)
            {
                _ = Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
            }

            return Volatile.Read(ref _count);
        }
    }
}
