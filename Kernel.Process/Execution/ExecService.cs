// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Memory;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Kernel.Process.Exits;
using Kernel.Process.Signals;
using Kernel.Process.Tree;
using Ostd.Cpus;
using Ostd.Memory;

namespace Kernel.Process.Execution;

/// <summary>
/// execve(2). Everything that can be refused is looked at first; then comes the point of no return (other threads end, the old memory goes), after which a failure kills the process, as in Linux.
/// </summary>
[Component]
public sealed class ExecService(
    ProcessTable table,
    SignalService signals,
    IVirtualFileSystem files,
    IAddressSpaceFactory spaces,
    IRandomSource random,
    IFutexService? futexes,
    Late<IReadOnlyList<IProcessObserver>> observers) : IExecService
{
    /// <summary>Scripts that lead to scripts, as deep as Linux follows them.</summary>
    private const int MaximumScriptDepth = 5;

    private const int MaximumCommandNameLength = 15;
    private const ulong InitialStackBytes = 128 << 10;

    /// <summary>AT_PLATFORM: LoongArch's has no width in it.</summary>
    private static readonly string s_platform = Cpu.MachineName == "loongarch64" ? "loongarch" : Cpu.MachineName;

    private readonly ISignalAbi _signalAbi = SignalAbi.ForThisMachine();
    private readonly ElfMachine _machine = ElfHeader.MachineOf(Cpu.MachineName);

    /// <summary>A program whose files are open and checked. Disposing closes them.</summary>
    private sealed class Candidate(ElfFile program, ElfFile? interpreter) : IDisposable
    {
        public readonly ElfFile Program = program;
        public readonly ElfFile? Interpreter = interpreter;

        public void Dispose()
        {
            Program.File.Release();
            Interpreter?.File.Release();
        }
    }

    public Errno Execute(IThread caller, FileDescriptor directory, UserPath path, ulong arguments, ulong environment, WalkFlags flags)
    {
        var thread = (UserThread)caller;
        if (!path.Read(thread.PathBuffer).TryGet(out var length, out var error))
            return error;
        if (length == 0 && (flags & WalkFlags.AllowEmpty) == 0)
            return Errno.ENOENT;
        var name = thread.PathBuffer.AsSpan(0, length).ToArray();
        if (!files.OpenExecutable(thread, directory, name, flags).TryGet(out var file, out error))
            return error;

        ProgramArguments? program = null;
        try
        {
            program = new ProgramArguments(DisplayName(directory, name));
            error = program.Read(arguments, environment, thread.Process.Limits);
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM;
        }

        if (error != Errno.Success)
        {
            file.Release();
            return error;
        }

        return Execute(thread, file, program!);
    }

    /// <summary>Starts a program that the kernel names: init.</summary>
    internal Errno Execute(UserThread thread, ProgramArguments program)
    {
        return files.OpenExecutable(thread, FileDescriptor.CurrentDirectory, program.FileName, WalkFlags.Follow).TryGet(out var file, out var error)
            ? Execute(thread, file, program)
            : error;
    }

    private Errno Execute(UserThread thread, OpenFile file, ProgramArguments program)
    {
        if (!HeapReserve.HasRoom)
        {
            file.Release();
            return Errno.ENOMEM;
        }

        // Files that are examined are let go again, and the program is exchanged whole: there is room.
        using var reserve = HeapReserve.Enter();
        if (!Examine(thread, file, program).TryGet(out var opened, out var error))
            return error;
        using var candidate = opened;
        if (!spaces.Create().TryGet(out var space, out error))
            return error;
        if (!EndOtherThreads(thread))
        {
            // Killed while waiting: the result is never seen.
            space.Release();
            return Errno.EINTR;
        }

        try
        {
            PassPointOfNoReturn(thread, space, candidate, program, out var isSecure);
            error = Load(thread, space, candidate, program, isSecure);
        }
        catch (OutOfMemoryException)
        {
            error = Errno.ENOMEM; // too late to tell: the program that would hear it is gone
        }

        thread.KeepsRegisters = true;
        if (error != Errno.Success)
        {
            using var guard = table.Lock.Acquire();
            signals.BeginExitLocked(thread.UserProcess, (int)Signal.SIGSEGV);
        }

        return Errno.Success;
    }

    /// <summary>Follows scripts to their interpreter, and reads the headers of the program and of its ELF interpreter. Takes over the file.</summary>
    private Result<Candidate> Examine(UserThread thread, OpenFile file, ProgramArguments program)
    {
        Span<byte> start = stackalloc byte[ScriptLine.MaximumLength];
        var name = program.FileName;
        Errno error;
        for (var depth = 0; ; depth++)
        {
            if (!file.TryClaimExecution())
            {
                error = Errno.ETXTBSY;
                break;
            }

            var length = FileBytes.ReadUpTo(file, 0, start);
            if (!ScriptLine.IsScript(start[..length]))
            {
                if (ElfFile.Read(file, start[..length], _machine).TryGet(out var elf, out error))
                    return FindInterpreter(thread, elf);
                break;
            }

            if (!ScriptLine.TryParse(start[..length], out var interpreter, out var argument))
            {
                error = Errno.ENOEXEC;
                break;
            }

            if (depth == MaximumScriptDepth)
            {
                error = Errno.ELOOP;
                break;
            }

            // The script's name takes the place of argv[0]; before it go the interpreter and its argument.
            var interpreterName = interpreter.ToArray();
            if (argument.IsEmpty)
                program.Arguments.ReplaceFirst(interpreterName, name);
            else
                program.Arguments.ReplaceFirst(interpreterName, argument.ToArray(), name);
            name = interpreterName;
            if (!program.Fits(thread.Process.Limits))
            {
                error = Errno.E2BIG;
                break;
            }

            file.Release();
            if (!files.OpenExecutable(thread, FileDescriptor.CurrentDirectory, interpreterName, WalkFlags.Follow).TryGet(out file, out error))
                return error;
        }

        file.Release();
        return error;
    }

    private Result<Candidate> FindInterpreter(UserThread thread, ElfFile program)
    {
        var error = Errno.Success;
        if (program.ReadInterpreterPath().TryGet(out var path, out error))
        {
            if (path.Length == 0)
                return new Candidate(program, null);
            if (files.OpenExecutable(thread, FileDescriptor.CurrentDirectory, path, WalkFlags.Follow).TryGet(out var file, out error))
            {
                var start = new byte[ElfHeader.SizeBytes];
                if (!FileBytes.TryReadExactly(file, 0, start))
                    error = Errno.EIO;
                else if (ElfFile.Read(file, start, _machine).TryGet(out var interpreter, out error))
                    return new Candidate(program, interpreter);
                else
                    error = Errno.ELIBBAD;
                file.Release();
            }
        }

        program.File.Release();
        return error;
    }

    /// <summary>man 2 execve: "all threads other than the calling thread are destroyed"; the caller becomes the main thread.</summary>
    /// <returns>False when the caller is to end instead.</returns>
    private bool EndOtherThreads(UserThread thread)
    {
        var process = thread.UserProcess;
        using (table.Lock.Acquire())
        {
            if (thread.IsDying)
                return false;
            process.ExecutingThread = thread;
            foreach (var other in process.LiveThreads)
            {
                if (!ReferenceEquals(other, thread))
                    other.Task.Interrupt();
            }

            process.StopQueue.WakeAll();
        }

        var isAlone = thread.WaitKillable(process.ChildQueue, process, static p => p.LiveThreads.Count == 1);
        using var guard = table.Lock.Acquire();
        process.ExecutingThread = null;
        if (!isAlone || process.IsExiting)
            return false;
        if (!ReferenceEquals(process.Main, thread))
        {
            table.RemoveThreadLocked(process.Main);
            table.RenumberThreadLocked(thread, process.Pid);
            process.Main = thread;
        }

        return true;
    }

    private void PassPointOfNoReturn(UserThread thread, IAddressSpace space, Candidate candidate, ProgramArguments program, out bool isSecure)
    {
        var process = thread.UserProcess;
        var old = process.AddressSpace;
        if (old is not null)
        {
            futexes?.ExitRobustList(thread);
            if (thread.ClearChildTid != 0 && UserMemory.TryWrite(thread.ClearChildTid, 0))
                futexes?.Wake(thread.ClearChildTid, 1);
        }

        thread.RobustListHead = 0;
        thread.ClearChildTid = 0;
        space.VmSpace.Activate();
        process.AddressSpace = space;
        OpenFile? previous;
        using (table.Lock.Acquire())
        {
            previous = process.Executable;
            process.Executable = candidate.Program.File.AddReference();
            ExitService.ReleaseVforkParent(process);
            process.Dispositions = process.Dispositions.CloneForExecute();
            process.HasExecuted = true;
            process.ExitSignal = (int)Signal.SIGCHLD;
        }

        old?.Release();
        thread.Unshare(files: true, fileSystem: false);
        thread.Files.CloseOnExec(process);
        thread.SignalState.AlternateStack = AlternateSignalStack.Disabled;
        thread.RestartBlock = null;
        thread.CommandName = BaseName(program.FileName);
        thread.Task.Name = thread.CommandName;
        previous?.Release();

        thread.Credentials = ExecutionCredentials.Transform(thread.Credentials, thread.Attributes, candidate.Program.File.Inode.GetAttributes(), out isSecure);
        thread.Attributes.KeepsCapabilities = false;
        if (isSecure)
            thread.Attributes.ParentDeathSignal = Signal.None;
        process.IsDumpable = !isSecure;
        foreach (var observer in observers.Value)
            observer.OnExecute(process);
    }

    /// <summary>Maps the program into its new memory and lays out its stack and registers.</summary>
    private Errno Load(UserThread thread, IAddressSpace space, Candidate candidate, ProgramArguments program, bool isSecure)
    {
        var limits = thread.Process.Limits;
        Span<byte> entropy = stackalloc byte[40];
        random.Fill(entropy);
        var stackTop = SignalReturn.StackLimit(_signalAbi.ReturnCode) - PageOffset(entropy[16..], 22);
        var protection = PageProtection.Read | PageProtection.Write | (candidate.Program.NeedsExecutableStack ? PageProtection.Execute : 0);
        if (!space.MapStack(stackTop, InitialStackBytes, protection).TryGet(out _, out var error))
            return error;

        var preferredBase = Paging.UserSpaceEnd / 3 * 2 + PageOffset(entropy[24..], 28);
        if (!ElfLoader.Load(space, candidate.Program, preferredBase, limits).TryGet(out var loaded, out error))
            return error;
        LoadedElf linker = default;
        if (candidate.Interpreter is not null && !ElfLoader.Load(space, candidate.Interpreter, 0, limits).TryGet(out linker, out error))
            return error;
        space.InitializeBreak(RoundUpToPage(loaded.End) + PageOffset(entropy[32..], 13));

        var credentials = thread.Credentials;
        ReadOnlySpan<(AuxiliaryType, ulong)> auxiliary =
        [
            (AuxiliaryType.AT_MINSIGSTKSZ, AlternateSignalStack.MinimumBytes),
            (AuxiliaryType.AT_HWCAP, Cpu.HardwareCapabilities),
            (AuxiliaryType.AT_PAGESZ, (ulong)Paging.PageSizeBytes),
            (AuxiliaryType.AT_CLKTCK, 1_000_000_000 / (ulong)SignalInfoLayout.ClockTickNs),
            (AuxiliaryType.AT_PHDR, loaded.ProgramHeaders),
            (AuxiliaryType.AT_PHENT, ElfProgramHeader.SizeBytes),
            (AuxiliaryType.AT_PHNUM, (ulong)candidate.Program.ProgramHeaders.Length),
            (AuxiliaryType.AT_BASE, linker.Bias),
            (AuxiliaryType.AT_FLAGS, 0),
            (AuxiliaryType.AT_ENTRY, loaded.Entry),
            (AuxiliaryType.AT_UID, credentials.RealUid),
            (AuxiliaryType.AT_EUID, credentials.EffectiveUid),
            (AuxiliaryType.AT_GID, credentials.RealGid),
            (AuxiliaryType.AT_EGID, credentials.EffectiveGid),
            (AuxiliaryType.AT_SECURE, isSecure ? 1UL : 0),
            (AuxiliaryType.AT_HWCAP2, 0),
        ];
        var stack = StackImage.Build(stackTop, program, entropy[..16], s_platform, auxiliary);
        var writer = VmWriter.FromUser(stack.StackPointer, stack.Bytes.Length);
        if (writer.Write(stack.Bytes) != stack.Bytes.Length)
            return Errno.EFAULT;
        error = SignalReturn.Map(space, _signalAbi.ReturnCode, limits);
        if (error != Errno.Success)
            return error;
        space.Layout = new ProgramLayout(
            loaded.CodeStart, loaded.CodeEnd, loaded.DataStart, loaded.DataEnd, stack.StackPointer,
            stack.ArgumentsStart, stack.ArgumentsEnd, stack.ArgumentsEnd, stack.EnvironmentEnd, stack.AuxiliaryVector);

        thread.Context.Reset();
        thread.Context.InstructionPointer = candidate.Interpreter is null ? loaded.Entry : linker.Entry;
        thread.Context.StackPointer = stack.StackPointer;
        return Errno.Success;
    }

    /// <summary>A random number of pages, in bytes, below 2 to the power of <paramref name="bits"/> pages.</summary>
    private static ulong PageOffset(ReadOnlySpan<byte> entropy, int bits) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(entropy) & ((1UL << bits) - 1)) * (ulong)Paging.PageSizeBytes;

    private static ulong RoundUpToPage(ulong address) => (address + (ulong)Paging.PageSizeBytes - 1) & ~((ulong)Paging.PageSizeBytes - 1);

    /// <summary>man 2 execveat: a program named through a descriptor is known as /dev/fd/N or /dev/fd/N/path.</summary>
    private static byte[] DisplayName(FileDescriptor directory, byte[] name)
    {
        if (directory == FileDescriptor.CurrentDirectory || (name.Length != 0 && name[0] == (byte)'/'))
            return name;
        var prefix = Encoding.Latin1.GetBytes("/dev/fd/" + directory.Number);
        return name.Length == 0 ? prefix : [.. prefix, (byte)'/', .. name];
    }

    private static string BaseName(ReadOnlySpan<byte> path)
    {
        var name = path[(path.LastIndexOf((byte)'/') + 1)..];
        return Encoding.Latin1.GetString(name[..Math.Min(name.Length, MaximumCommandNameLength)]);
    }
}
