// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Devices;
using Ostd.Devices.Pci;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using OstdIommu = Ostd.Devices.Iommu;

namespace Kernel.Tests.Iommu;

/// <summary>
/// A device that reads and writes where it likes. Each attack runs with an IOMMU and without one: without, it has to succeed, else it would prove nothing about the machine with one.
/// </summary>
public static class DmaAttackTests
{
    private const byte Mine = 0x5a;
    private const byte Other = 0xa5;
    private const long ReportTimeoutNs = 10_000_000_000;
    private const int CommandRegister = 4;
    private const uint CommandBusMaster = 1 << 2;

    [KernelTest]
    public static void CommandLine_DecidesWhetherThereIsAnIommu()
    {
        var isExpected = TestCommandLine.Has("intel_iommu=on");
        KernelAssert.Equal(isExpected, OstdIommu.IsActive);
        KernelAssert.Equal(isExpected && !TestCommandLine.Has("intremap=off"), OstdIommu.RemapsInterrupts);
    }

    [KernelTest]
    public static void Write_IntoWhatIsLent_Arrives()
    {
        using var edu = EduDevice.Open();
        using var lent = new LentFrame(DmaDirection.Both, Mine);
        var faults = OstdIommu.FaultCount;
        edu.ReadMemory(lent.Address, 0, 256);
        edu.WriteMemory(lent.Address + 512, 0, 256);
        lent.Stream.SyncFromDevice();
        KernelAssert.Equal(Mine, lent.ReadByte(512 + 255));
        KernelAssert.Equal(faults, OstdIommu.FaultCount);
    }

    [KernelTest]
    public static void Write_OutsideOfWhatIsLent_ChangesNothing()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Other);
        using var own = new LentFrame(DmaDirection.Both, Mine);
        KernelAssert.True(Frame.TryAllocate(out var victim));
        victim.Fill(0, Paging.PageSizeBytes, Mine);
        Attack(() => edu.WriteMemory(victim.PageNumber * (uint)Paging.PageSizeBytes, 0, 256), () => ReadByte(victim, 255));
        KernelAssert.Equal(Mine, own.ReadByte(0));
        victim.Release();
    }

    [KernelTest]
    public static void Write_OfWhatTheDeviceMayOnlyRead_ChangesNothing()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Other);
        using var lent = new LentFrame(DmaDirection.ToDevice, Mine);
        Attack(() => edu.WriteMemory(lent.Address, 0, 256), () => lent.ReadByte(255));
    }

    [KernelTest]
    public static void Read_OfWhatTheDeviceMayOnlyWrite_GivesNothing()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Mine);
        using var lent = new LentFrame(DmaDirection.FromDevice, Other);
        AttackByReading(() => edu.ReadMemory(lent.Address, 0, 256), () => BufferByte(edu));
    }

    [KernelTest]
    public static void Write_AfterUnmap_ChangesNothing()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Other);
        KernelAssert.True(Frame.TryAllocate(out var frame));
        var stream = new DmaStream();
        stream.Map(frame, DmaDirection.Both);
        var address = stream.DeviceAddress;

        // The device, and the IOMMU's cache, know the page.
        edu.WriteMemory(address, 0, 256);
        KernelAssert.Equal(Other, ReadByte(frame, 255));
        stream.Unmap();
        frame.Fill(0, Paging.PageSizeBytes, Mine);
        Attack(() => edu.WriteMemory(address, 0, 256), () => ReadByte(frame, 255));
        frame.Release();
    }

    [KernelTest]
    public static void Read_AfterUnmap_GivesNothing()
    {
        using var edu = EduDevice.Open();
        KernelAssert.True(Frame.TryAllocate(out var frame));
        frame.Fill(0, Paging.PageSizeBytes, Mine);
        var stream = new DmaStream();
        stream.Map(frame, DmaDirection.ToDevice);
        var address = stream.DeviceAddress;
        edu.ReadMemory(address, 0, 256);
        stream.Unmap();
        frame.Fill(0, Paging.PageSizeBytes, Other);
        AttackByReading(() => edu.ReadMemory(address, 0, 256), () => BufferByte(edu));
        frame.Release();
    }

    [KernelTest]
    public static void Unmap_OfOneOfTwoStreams_TakesItsRightAlone()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Other);
        KernelAssert.True(Frame.TryAllocate(out var frame));
        frame.Fill(0, Paging.PageSizeBytes, Mine);
        var reads = new DmaStream();
        var writes = new DmaStream();
        reads.Map(frame, DmaDirection.ToDevice);
        writes.Map(frame, DmaDirection.FromDevice);
        edu.WriteMemory(writes.DeviceAddress, 0, 16);
        KernelAssert.Equal(Other, ReadByte(frame, 15));
        writes.Unmap();

        // What it may still do works, and what it may not do any more does not.
        edu.ReadMemory(reads.DeviceAddress + 16, 0, 256);
        KernelAssert.Equal(Mine, BufferByte(edu));
        FillBuffer(edu, Other);

        // QEMU 7.2 tells of no fault when its cache has the page with fewer rights: only the memory is looked at.
        edu.WriteMemory(reads.DeviceAddress, 0, 256);
        KernelAssert.Equal(OstdIommu.IsActive ? Mine : Other, ReadByte(frame, 255));
        reads.Unmap();
        frame.Release();
    }

    [KernelTest]
    public static void CoherentMemory_GivenBack_IsNotReached()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Other);
        KernelAssert.True(DmaCoherent.TryAllocate(3 * Paging.PageSizeBytes, out var memory));
        var address = memory.DeviceAddress;
        edu.WriteMemory(address + 2 * (uint)Paging.PageSizeBytes, 0, 256);
        KernelAssert.Equal(Other, memory.ReadByte(2 * Paging.PageSizeBytes + 255));
        var mapped = OstdIommu.MappedPages;
        memory.Dispose();
        KernelAssert.Throws<ObjectDisposedException>(() => memory.ReadByte(0));
        KernelAssert.Throws<ObjectDisposedException>(() => memory.Reader(0, 1));

        if (OstdIommu.IsActive)
        {
            KernelAssert.Equal(mapped - 3, OstdIommu.MappedPages);
            ExpectFault(() => edu.WriteMemory(address + 2 * (uint)Paging.PageSizeBytes, 0, 256));
        }

        // Without an IOMMU it is kept: nothing could take it from the device.
        KernelAssert.True(DmaCoherent.TryAllocate(3 * Paging.PageSizeBytes, out var next));
        KernelAssert.Equal(OstdIommu.IsActive, next.DeviceAddress == address);
        KernelAssert.Equal((byte)0, next.ReadByte(2 * Paging.PageSizeBytes + 255));
        next.Dispose();
    }

    [KernelTest]
    public static void Function_ThatOnlyMastersTheBus_ReachesNothing()
    {
        using var edu = EduDevice.Open();
        FillBuffer(edu, Other);
        using var lent = new LentFrame(DmaDirection.Both, Mine);
        edu.Function.SetBusMaster(false);

        // As firmware might have left it: nobody has allowed the function anything.
        var command = PciConfiguration.Read(edu.Function.Address, CommandRegister) & 0xffff;
        PciConfiguration.Write(edu.Function.Address, CommandRegister, command | CommandBusMaster);
        Attack(() => edu.WriteMemory(lent.Address, 0, 256), () => lent.ReadByte(255));
    }

    [KernelTest]
    public static void Fault_IsReportedWithoutAQuestion()
    {
        if (!OstdIommu.IsActive)
        {
            return;
        }

        using var edu = EduDevice.Open();
        KernelAssert.True(Frame.TryAllocate(out var frame));
        var before = OstdIommu.FaultCount;
        edu.WriteMemory(frame.PageNumber * (uint)Paging.PageSizeBytes, 0, 256);
        var deadline = Clock.MonotonicNs + ReportTimeoutNs;
        while (OstdIommu.ReportedFaultCount == before)
        {
            KernelAssert.True(Clock.MonotonicNs < deadline);
            _ = Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
        }

        frame.Release();
    }

    [KernelTest]
    public static void UnitsRegisters_AreNoDrivers()
    {
        const ulong registers = 0xfed9_0000; // QEMU's, and that of most chipsets
        KernelAssert.False(IoMem.TryAcquire(registers, 0x1000, out _));
        KernelAssert.False(IoMem.TryAcquire(registers + 0x18, 4, out _));
    }

    // With an IOMMU the byte stays what it is and the fault is counted; without one it changes.
    private static void Attack(Action attack, Func<byte> look)
    {
        KernelAssert.Equal(Mine, look());
        if (OstdIommu.IsActive)
        {
            ExpectFault(attack);
            KernelAssert.Equal(Mine, look());
        }
        else
        {
            attack();
            KernelAssert.Equal(Other, look());
        }
    }

    // With an IOMMU the device gets something else than what is there (QEMU: zeros) and the fault is counted; without one it gets it.
    private static void AttackByReading(Action attack, Func<byte> look)
    {
        KernelAssert.Equal(Mine, look());
        if (OstdIommu.IsActive)
        {
            ExpectFault(attack);
            KernelAssert.True(look() != Other);
        }
        else
        {
            attack();
            KernelAssert.Equal(Other, look());
        }
    }

    private static void ExpectFault(Action attack)
    {
        var before = OstdIommu.FaultCount;
        attack();
        KernelAssert.True(OstdIommu.FaultCount > before);
    }

    private static void FillBuffer(EduDevice edu, byte value)
    {
        using var lent = new LentFrame(DmaDirection.ToDevice, value);
        edu.ReadMemory(lent.Address, 0, EduDevice.BufferLength);
    }

    private static byte BufferByte(EduDevice edu)
    {
        using var lent = new LentFrame(DmaDirection.FromDevice, 0);
        edu.WriteMemory(lent.Address, 0, 256);
        return lent.ReadByte(255);
    }

    private static byte ReadByte(Frame frame, int offset)
    {
        Span<byte> value = stackalloc byte[1];
        frame.Read(offset, value);
        return value[0];
    }

    private sealed class LentFrame : IDisposable
    {
        private readonly Frame _frame;

        public LentFrame(DmaDirection direction, byte content)
        {
            KernelAssert.True(Frame.TryAllocate(out _frame));
            _frame.Fill(0, Paging.PageSizeBytes, content);
            Stream.Map(_frame, direction);
        }

        public DmaStream Stream { get; } = new();

        public ulong Address => Stream.DeviceAddress;

        public byte ReadByte(int offset) => DmaAttackTests.ReadByte(_frame, offset);

        public void Dispose()
        {
            Stream.Unmap();
            _frame.Release();
        }
    }
}
