// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using Ostd.Boot;
using Ostd.Devices;
using Ostd.Memory;
using Ostd.Tasks;
using Ostd.User;

namespace Kernel.Hello;

/// <summary>A whole kernel: it loads one program, runs it in user mode, and serves its two system calls.</summary>
internal static class Program
{
    // Where the linker put the program, and what system calls are called.
    private const ulong LoadAddress = 0x40_0000;
#if RISCV64 || LOONGARCH64
    private const ulong Write = 64;
    private const ulong Exit = 93;
#else
    private const ulong Write = 1;
    private const ulong Exit = 60;
#endif

    /// <summary>OSTD boots the machine, and enters here when memory, tasks and interrupts work.</summary>
    [KernelMain]
    internal static void Main()
    {
        // The collector owns whatever is allocated here. A task ends when its method returns.
        VmSpace space = Load(UserPrograms.hello);
        if (!Task.TryCreate(static space => Run((VmSpace)space!), space, "hello", out Task? task))
            Panic.Halt("no memory");
        task.Start();
    }

    private static VmSpace Load(ReadOnlySpan<byte> program)
    {
        // User address spaces are made and changed through VmSpace alone; only untyped memory can be mapped there, never objects.
        if (!VmSpace.TryCreate(out VmSpace? space))
            Panic.Halt("no memory");
        using VmCursor cursor = space.Open(LoadAddress);
        while (!program.IsEmpty)
        {
            if (!Frame.TryAllocate(out Frame frame))
                Panic.Halt("no memory");
            int length = Math.Min(program.Length, Paging.PageSizeBytes);
            frame.Write(0, program[..length]);
            if (!cursor.TryMap(frame, PageProtection.Read | PageProtection.Write | PageProtection.Execute))
                Panic.Halt("no memory");
            program = program[length..];
        }

        return space;
    }

    private static void Run(VmSpace space)
    {
        space.Activate();

        // The program's registers can be set to anything: nothing in them can make user mode more than it is.
        var registers = new UserContext { InstructionPointer = EntryPoint() };
        while (true)
        {
            // Comes back when the program makes a system call or a mistake. Interrupts and other tasks are served inside.
            switch (UserMode.Execute(registers, out UserException exception))
            {
                case UserReturnReason.Syscall:
                    registers.SetReturnValue(Serve(registers));
                    break;
                case UserReturnReason.Exception:
                    EarlyConsole.Write($"{exception.Kind} at 0x{registers.InstructionPointer:x}\n");
                    Power.Off(1);
                    break;
            }
        }
    }

    // Entry of an ELF file: e_entry, 24 bytes from its start.
    private static ulong EntryPoint() => BinaryPrimitives.ReadUInt64LittleEndian(UserPrograms.hello[24..]);

    private static long Serve(UserContext registers)
    {
        const int badAddress = -14;
        const int noSuchCall = -38;
        switch (registers.SyscallNumber)
        {
            case Write:
                // User memory is read through a checked copy; a bad address ends it early and harms nothing.
                var text = new byte[Math.Min(registers.GetArgument(2), 4096)];
                if (VmReader.FromUser(registers.GetArgument(1), text.Length).Read(text) != text.Length)
                    return badAddress;
                EarlyConsole.Write(text);
                return text.Length;
            case Exit:
                Power.Off((int)registers.GetArgument(0));
                return 0;
            default:
                return noSuchCall;
        }
    }
}
