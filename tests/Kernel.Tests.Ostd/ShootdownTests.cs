// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Threading;
using Ostd.Cpus;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.Testing;
using Ostd.User;
using Task = Ostd.Tasks.Task;

namespace Kernel.Tests.Ostd;

/// <summary>User programs on one CPU while another changes their address space, interrupts them, or moves them.</summary>
public static class ShootdownTests
{
    [KernelTest]
    public static void Unmap_WhileAnotherCpuWrites_EndsItsAccessAtOnce() => ChangeWhileCounting(
        static space =>
        {
            using VmCursor cursor = space.Open(UserProgram.DataAddress);
            cursor.Unmap((ulong)Paging.PageSizeBytes);
        },
        isProtection: false);

    [KernelTest]
    public static void Protect_WhileAnotherCpuWrites_EndsItsAccessAtOnce() =>
        ChangeWhileCounting(
            static space =>
            {
                using VmCursor cursor = space.Open(UserProgram.DataAddress);
                cursor.Protect((ulong)Paging.PageSizeBytes, PageProtection.Read);
            },
            isProtection: true);

    [KernelTest]
    public static void Dispose_WhileAnotherCpuKeepsTheTables_TakesThemAway()
    {
        // The kernel task that the other CPU goes on with has no space of its own, and keeps the tables that are loaded.
        for (int round = 0; round < 100; round++)
        {
            var program = new UserProgram(MachineCode.SystemCall1);
            VmSpace.Deactivate();
            var workers = new Workers();
            workers.Start("user", () =>
            {
                Task.Current.SetAffinity(1ul << Cpu.Count - 1);
                program.Activate();
                program.RunToSyscall(1);
            });
            workers.Join();
            program.Dispose();
        }
    }

    [KernelTest]
    public static void Interrupt_OfAProgramOnAnotherCpu_IsNeverLost()
    {
        int rounds = Cpu.Count > 1 ? 3_000 : 100; // on one CPU a round takes as long as a time slice
        var workers = new Workers();
        long acknowledged = 0;
        Task runner = workers.Start("endless", () =>
        {
            Task.Current.SetAffinity(1ul << Cpu.Count - 1);
            using var program = new UserProgram(MachineCode.Endless);
            for (int i = 0; i < rounds; i++)
            {
                Check.Equal(UserReturnReason.KernelEvent, program.Run(out _), "reason");
                Task.Current.ClearInterrupt();
                Interlocked.Increment(ref acknowledged);
            }
        });
        for (int i = 0; i < rounds; i++)
        {
            runner.Interrupt();
            while (Interlocked.Read(ref acknowledged) <= i)
            {
                Task.Yield();
            }
        }

        workers.Join();
    }

    [KernelTest]
    public static void FloatingPointState_OfAProgramThatMoves_GoesWithIt()
    {
        var workers = new Workers();
        for (int i = 0; i < 2 * Cpu.Count; i++)
        {
            int me = i;
            workers.Start("mover", () =>
            {
                using var program = new UserProgram(MachineCode.KeepAndShow);
                ulong value = (ulong)(me + 1);
                program.Context.SetRegister(MachineCode.FirstRegisterIndex, value);
                program.Context.ThreadPointer = UserProgram.DataAddress;
                Check.That(UserMemory.TryWrite(UserProgram.DataAddress, value * 100), "the data page is writable");
                program.RunToSyscall(1);
                for (int round = 0; round < 200; round++)
                {
                    Task.Current.SetAffinity(1ul << (me + round) % Cpu.Count);
                    program.RunToSyscall(1);
                    Check.Equal(value * 100, program.Context.GetArgument(0), "word at the thread pointer");
                    Check.Equal(value, program.Context.GetArgument(1), "the number as a floating-point number");
                    Check.Equal(value, program.Context.GetArgument(2), "the number as bits");
                }
            });
        }

        workers.Join();
    }

    private static void ChangeWhileCounting(Action<VmSpace> change, bool isProtection)
    {
        for (int round = 0; round < 50; round++)
        {
            Check.That(VmSpace.TryCreate(out VmSpace? space), "no address space");
            Map(space!, UserProgram.CodeAddress, PageProtection.Read | PageProtection.Execute).Write(0, MachineCode.Counting);
            Frame counter = Map(space!, UserProgram.DataAddress, PageProtection.Read | PageProtection.Write).Share();
            var workers = new Workers();
            workers.Start("counting", () =>
            {
                Task.Current.SetAffinity(1ul << Cpu.Count - 1);
                space!.Activate();
                var context = new UserContext { InstructionPointer = UserProgram.CodeAddress };
                Check.Equal(UserReturnReason.Exception, UserMode.Execute(context, out UserException exception), "reason");
                Check.Equal(UserExceptionKind.PageFault, exception.Kind, "exception");
                Check.Equal(UserProgram.DataAddress, exception.Address, "address");
                Check.Equal(isProtection, exception.IsProtection, "the page is still present");
                VmSpace.Deactivate();
            });
            while (Read(counter) < 100)
            {
                Task.Yield();
            }

            change(space!);

            // The program cannot have counted since, however long it still ran.
            ulong atReturn = Read(counter);
            workers.Join();
            Check.Equal(atReturn, Read(counter), "counted after the change");
            counter.Release();
            space!.Dispose();
        }
    }

    private static ulong Read(Frame frame)
    {
        Span<byte> bytes = stackalloc byte[8];
        frame.Read(0, bytes);
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes);
    }

    private static Frame Map(VmSpace space, ulong address, PageProtection protection)
    {
        Check.That(Frame.TryAllocate(out Frame frame), "no frame");
        using VmCursor cursor = space.Open(address);
        Check.That(cursor.TryMap(frame, protection), "not mapped");
        return frame;
    }
}
