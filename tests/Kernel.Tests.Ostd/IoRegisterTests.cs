// SPDX-License-Identifier: MPL-2.0
using System;
using System.Threading;
using Ostd.Cpus;
using Ostd.Devices;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>Registers that were checked once, after their range was given back: page tables and translation caches are the only thing that stops them.</summary>
public static class IoRegisterTests
{
    private const ulong DeviceAddress = MachineCode.UnusedDeviceAddress;

    [KernelTest]
    public static void Register_OfARangeThatWasGivenBack_ThrowsAtEachWidth()
    {
        IoMem memory = Acquire(DeviceAddress, Paging.PageSizeBytes);
        IoRegister<byte> bytes = memory.Register<byte>(1);
        IoRegister<ushort> halves = memory.Register<ushort>(2);
        IoRegister<uint> words = memory.Register<uint>(4);
        IoRegister<ulong> longs = memory.Register<ulong>(4088);
        Check.Equal(memory.Register<uint>(4).Read(), words.Read(), "what nothing answers");
        memory.Dispose();

        Check.That(Throws(() => bytes.Read()) && Throws(() => bytes.Write(0)), "a byte that was given back is accessed");
        Check.That(Throws(() => halves.Read()) && Throws(() => halves.Write(0)), "two bytes that were given back are accessed");
        Check.That(Throws(() => words.Read()) && Throws(() => words.Write(0)), "four bytes that were given back are accessed");
        Check.That(Throws(() => longs.Read()) && Throws(() => longs.Write(0)), "eight bytes that were given back are accessed");
    }

    [KernelTest]
    public static void Register_OfARangeWithANewOwner_DoesNotReachIt()
    {
        for (int round = 0; round < 100; round++)
        {
            IoMem first = Acquire(DeviceAddress, 16);
            IoRegister<uint> stale = first.Register<uint>(0);
            first.Dispose();
            IoMem second = Acquire(DeviceAddress, 16);
            IoRegister<uint> good = second.Register<uint>(0);
            Check.That(Throws(() => stale.Read()), "a register reaches what the next owner has");
            good.Read();
            second.Dispose();
        }
    }

    [KernelTest]
    public static void Register_OfARangeThatIsTakenAgain_DoesNotComeBack()
    {
        // More pages than a page table has entries, those of LoongArch (2,048) too.
        const int rounds = 2500;
        IoMem first = Acquire(DeviceAddress, 16);
        IoRegister<uint> stale = first.Register<uint>(0);
        first.Dispose();
        for (int round = 0; round < rounds; round++)
        {
            using IoMem memory = Acquire(DeviceAddress, 16);
            memory.Register<uint>(0).Read();
        }

        using IoMem last = Acquire(DeviceAddress, 16);
        Check.That(Throws(() => stale.Read()), "the addresses of a register that was given back are used again");
    }

    [KernelTest]
    public static void Register_InThePageOfAnotherRange_StaysWhenThatIsGivenBack()
    {
        IoMem first = Acquire(DeviceAddress, 16);
        IoMem second = Acquire(DeviceAddress + 16, 16);
        IoRegister<uint> stale = first.Register<uint>(0);
        IoRegister<uint> good = second.Register<uint>(0);
        first.Dispose();
        good.Read();
        second.Register<uint>(4).Read();
        Check.That(Throws(() => stale.Read()), "a register that was given back is accessed");
        second.Dispose();
    }

    [KernelTest]
    public static void Dispose_WhileAnotherCpuReads_EndsItsAccessAtOnce()
    {
        if (Cpu.Count < 2)
        {
            return; // nobody else reads meanwhile
        }

        IoMem memory = Acquire(DeviceAddress, Paging.PageSizeBytes);
        IoRegister<uint> register = memory.Register<uint>(0);
        bool isReading = false;
        bool isOver = false;
        int readsAfter = 0;
        var workers = new Workers();
        workers.Start("reader", () =>
        {
            Task.Current.SetAffinity(1ul << Cpu.Count - 1);
            try
            {
                // No switch to another task flushes the translation by the way.
                using PreemptGuard guard = PreemptGuard.Disable();
                while (true)
                {
                    bool wasOver = Volatile.Read(ref isOver);
                    register.Read();
                    if (wasOver && ++readsAfter == 1000)
                    {
                        return;
                    }

                    Volatile.Write(ref isReading, true);
                }
            }
            catch (ObjectDisposedException)
            {
            }
        });
        workers.Start("owner", () =>
        {
            Task.Current.SetAffinity(1);
            while (!Volatile.Read(ref isReading))
            {
                Task.Yield();
            }

            memory.Dispose();
            Volatile.Write(ref isOver, true);
        });
        workers.Join();
        Check.Equal(0, readsAfter, "reads after the range was given back");
    }

    private static IoMem Acquire(ulong address, int length)
    {
        Check.That(IoMem.TryAcquire(address, length, out IoMem? memory), "the free range is refused");
        return memory!;
    }

    private static bool Throws(Action access) => Check.Throws<ObjectDisposedException>(access);
}
