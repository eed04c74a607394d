// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd;
using Ostd.Cpus;
using Ostd.Devices;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.Time;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>Interrupt lines, by way of the PC's keyboard controller (i8042), which raises its line when it is told to.</summary>
public static class InterruptLineTests
{
    private const int KeyboardLine = 1;
    private const ushort DataPort = 0x60;
    private const ushort CommandPort = 0x64;

    private sealed class Handler
    {
        public int Entered;
        public int Left;
        public int Cpu;
        public long LastsNs;
        public int BottomHalves;
    }

    [KernelTest]
    public static void Dispose_WhileTheHandlerRunsOnAnotherCpu_WaitsForIt()
    {
        if (Cpu.Count < 2)
        {
            return; // nothing else runs meanwhile
        }

        var handler = new Handler { LastsNs = 100_000_000 };
        Check.That(IrqLine.TryAcquireIsa(KeyboardLine, out IrqLine? line), "the keyboard's line");
        line!.Enable(Handle, handler);
        bool hadLeft = false;
        var workers = new Workers();
        workers.Start("owner", () =>
        {
            Task.Current.SetAffinity(2); // ISA lines go to the CPU that booted
            Raise();
            while (Volatile.Read(ref handler.Entered) == 0)
            {
            }

            line.Dispose();
            hadLeft = Volatile.Read(ref handler.Left) != 0;
        });
        workers.Join();
        Check.That(hadLeft, "the handler still ran when the line was disposed");
        Check.Equal(0, handler.Cpu, "CPU of the handler");
    }

    [KernelTest]
    public static void Enable_AfterDispose_ThrowsObjectDisposed()
    {
        Check.That(IrqLine.TryAcquireIsa(KeyboardLine, out IrqLine? line), "the keyboard's line");
        line!.Dispose();
        Check.That(Check.Throws<ObjectDisposedException>(() => line.Enable(static _ => { }, null)), "the exception is another one");
    }

    [KernelTest]
    public static void DeferredWork_QueuedByAHandler_RunsOnATask()
    {
        var handler = new Handler();
        bool wasAtomic = true;
        var bottomHalf = new DeferredWork(
            () =>
            {
                wasAtomic = AtomicMode.IsActive;
                Task.Yield();
                Interlocked.Increment(ref handler.BottomHalves);
            },
            "test");
        Check.That(IrqLine.TryAcquireIsa(KeyboardLine, out IrqLine? line), "the keyboard's line");
        line!.Enable(
            state =>
            {
                bottomHalf.Queue();
                Handle(state);
            },
            handler);
        Raise();
        while (Volatile.Read(ref handler.BottomHalves) == 0)
        {
            Task.Yield();
        }

        line.Dispose();
        Check.That(!wasAtomic, "the bottom half may sleep");
        Check.That(IrqLine.TryAcquireIsa(KeyboardLine, out line), "the line is free again");
        line!.Dispose();
    }

    [InterruptSafe]
    private static void Handle(object? state)
    {
        var handler = (Handler)state!;
        handler.Cpu = Cpu.CurrentId;
        Volatile.Write(ref handler.Entered, 1);
        long end = Clock.MonotonicNs + handler.LastsNs;
        while (Clock.MonotonicNs < end)
        {
        }

        Volatile.Write(ref handler.Left, 1);
    }

    // Commands 0x60 (write the configuration: interrupt on) and 0xd2 (a byte as if from the keyboard).
    private static void Raise()
    {
        Check.That(IoPortRange.TryAcquire(DataPort, 1, out IoPortRange? data), "the data port");
        Check.That(IoPortRange.TryAcquire(CommandPort, 1, out IoPortRange? command), "the command port");
        data!.ReadByte(0); // what the test before has left: the line rises for a byte that comes into an empty buffer
        command!.WriteByte(0, 0x60);
        data.WriteByte(0, 0x01);
        command.WriteByte(0, 0xd2);
        data.WriteByte(0, 0);
        data.Dispose();
        command.Dispose();
    }
}
