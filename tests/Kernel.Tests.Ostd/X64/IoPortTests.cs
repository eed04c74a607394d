// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Devices;
using Ostd.Testing;

namespace Kernel.Tests.Ostd;

/// <summary>What a driver can have of the x86 I/O space, and what it cannot.</summary>
public static class IoPortTests
{
    // The prototype card's ports of the IBM PC: no device of the machine's.
    private const ushort FreePort = 0x300;

    // The first and last port of what must stay OSTD's, by the ICH9's and the PIIX4's data sheets and QEMU's isa-debug-exit.
    private static ReadOnlySpan<ushort> SensitiveRanges =>
    [
        0x00, 0x0f, // DMA controller 1: it writes memory
        0x20, 0x21, // interrupt controller 1
        0x40, 0x43, // interval timer
        0x61, 0x61, // NMI status and control
        0x70, 0x71, // clock's index, and the mask of NMIs
        0x81, 0x8f, // DMA page registers
        0x92, 0x92, // port A: reset
        0xa0, 0xa1, // interrupt controller 2
        0xc0, 0xdf, // DMA controller 2
        0xf4, 0xf4, // end of QEMU
        0x4d0, 0x4d1, // edge or level of the interrupt controllers
        0x600, 0x67f, // power management: sleep, and system management mode
        0xcf8, 0xcff, // PCI configuration; 0xcf9 resets
    ];

    [KernelTest]
    public static void SensitivePort_OfAnyDevice_IsRefused()
    {
        for (int i = 0; i < SensitiveRanges.Length; i += 2)
        {
            for (int port = SensitiveRanges[i]; port <= SensitiveRanges[i + 1]; port++)
            {
                IsRefused((ushort)port, 1);
            }
        }
    }

    [KernelTest]
    public static void RangeOverASensitivePort_IsRefused()
    {
        for (int i = 0; i < SensitiveRanges.Length; i += 2)
        {
            ushort first = SensitiveRanges[i];
            ushort last = SensitiveRanges[i + 1];
            IsRefused((ushort)Math.Max(0, first - 4), first < 4 ? first + 1 : 5);
            IsRefused(last, 4);
            IsRefused((ushort)Math.Max(0, first - 1), last - first + 3);
        }

        IsRefused(0, 0x1_0000);
    }

    [KernelTest]
    public static void ImpossibleRange_IsRefused()
    {
        IsRefused(FreePort, 0);
        IsRefused(FreePort, -1);
        IsRefused(FreePort, int.MinValue);
        IsRefused(FreePort, int.MaxValue);
        IsRefused(0xffff, 2);
    }

    [KernelTest]
    public static void Range_HasOneOwner()
    {
        Check.That(IoPortRange.TryAcquire(FreePort, 8, out IoPortRange? first), "the free ports are refused");
        IsRefused(FreePort + 7, 1);
        IsRefused(FreePort - 4, 16);
        Check.That(IoPortRange.TryAcquire(FreePort + 8, 8, out IoPortRange? second), "the ports behind a taken range are refused");
        first!.Dispose();
        Check.That(Check.Throws<ObjectDisposedException>(() => first.ReadByte(0)), "a range that was given back can be read");
        Check.That(IoPortRange.TryAcquire(FreePort, 8, out IoPortRange? again), "a range that was given back is refused");
        first.Dispose();
        IsRefused(FreePort, 1);
        again!.Dispose();
        second!.Dispose();
    }

    [KernelTest]
    public static void Access_StaysInTheRange()
    {
        Check.That(IoPortRange.TryAcquire(FreePort, 4, out IoPortRange? acquired), "the free ports are refused");
        using IoPortRange ports = acquired!;
        Check.Equal(uint.MaxValue, ports.ReadUInt32(0), "what no device answers");
        Check.That(Check.Throws<ArgumentOutOfRangeException>(() => ports.ReadByte(-1)), "a port before the range is read");
        Check.That(Check.Throws<ArgumentOutOfRangeException>(() => ports.ReadByte(4)), "a port behind the range is read");
        Check.That(Check.Throws<ArgumentOutOfRangeException>(() => ports.ReadUInt16(3)), "two bytes over the end are read");
        Check.That(Check.Throws<ArgumentOutOfRangeException>(() => ports.WriteUInt32(1, 0)), "four bytes over the end are written");
        Check.That(Check.Throws<ArgumentOutOfRangeException>(() => ports.WriteUInt16(int.MinValue, 0)), "an offset far below the range is written");
        Check.That(Check.Throws<ArgumentOutOfRangeException>(() => ports.WriteByte(int.MaxValue, 0)), "an offset far behind the range is written");
    }

    private static void IsRefused(ushort firstPort, int count)
        => Check.That(!IoPortRange.TryAcquire(firstPort, count, out IoPortRange? _), "a driver got ports from " + firstPort + ", " + count + " of them");
}
