// SPDX-License-Identifier: MPL-2.0
using System;
using Ostd.Devices;
using Ostd.Devices.Pci;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;

namespace Kernel.Tests.Iommu;

/// <summary>QEMU's <c>edu</c> device (docs/specs/edu in its sources): it copies between memory and a buffer of its own, at any address that it is told, and raises an interrupt when it is told.</summary>
internal sealed class EduDevice : IDisposable
{
    /// <summary>Bytes of its buffer that are used: QEMU's check of the buffer's end is one off.</summary>
    public const int BufferLength = 2048;

    private const ushort Vendor = 0x1234;
    private const ushort Device = 0x11e8;
    private const int RegistersLength = 0x1000;
    private const int RaiseInterrupt = 0x60;
    private const int AcknowledgeInterrupt = 0x64;
    private const int Source = 0x80;
    private const int Destination = 0x88;
    private const int Count = 0x90;
    private const int Command = 0x98;
    private const ulong BufferAddress = 0x4_0000;
    private const ulong Start = 1;
    private const ulong ToMemory = 2;
    private const long TimeoutNs = 10_000_000_000;

    private readonly IoMem _registers;
    private readonly IoRegister<uint> _raiseInterrupt;
    private readonly IoRegister<uint> _acknowledgeInterrupt;
    private readonly IoRegister<ulong> _source;
    private readonly IoRegister<ulong> _destination;
    private readonly IoRegister<ulong> _count;
    private readonly IoRegister<ulong> _command;

    private EduDevice(PciFunction function, IoMem registers)
    {
        Function = function;
        _registers = registers;
        _raiseInterrupt = registers.Register<uint>(RaiseInterrupt);
        _acknowledgeInterrupt = registers.Register<uint>(AcknowledgeInterrupt);
        _source = registers.Register<ulong>(Source);
        _destination = registers.Register<ulong>(Destination);
        _count = registers.Register<ulong>(Count);
        _command = registers.Register<ulong>(Command);
    }

    /// <summary>The PCI function.</summary>
    public PciFunction Function { get; }

    /// <summary>Takes the machine's device, and allows it to reach memory.</summary>
    public static EduDevice Open()
    {
        var function = TestFunctions.Take(Vendor, Device);
        function.EnableMemory();
        KernelAssert.True(function.TryAcquireMemory(0, 0, RegistersLength, out var registers));
        function.SetBusMaster(true);
        return new EduDevice(function, registers);
    }

    /// <summary>Copies a part of its buffer to memory, and waits until it says that it is done, whether or not the memory took it.</summary>
    public void WriteMemory(ulong address, int offset, int count) => Copy(BufferAddress + (uint)offset, address, count, Start | ToMemory);

    /// <summary>Copies memory to a part of its buffer.</summary>
    public void ReadMemory(ulong address, int offset, int count) => Copy(address, BufferAddress + (uint)offset, count, Start);

    /// <summary>Raises its interrupt and takes it back.</summary>
    public void Raise()
    {
        _raiseInterrupt.Write(1);
        _acknowledgeInterrupt.Write(1);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _registers.Dispose();
        Function.Dispose();
    }

    private void Copy(ulong source, ulong destination, int count, ulong command)
    {
        _source.Write(source);
        _destination.Write(destination);
        _count.Write((uint)count);
        _command.Write(command);
        var deadline = Clock.MonotonicNs + TimeoutNs;
        while ((_command.Read() & Start) != 0)
        {
            KernelAssert.True(Clock.MonotonicNs < deadline);
            _ = Task.SleepUntil(Clock.MonotonicNs + 1_000_000);
        }
    }
}
