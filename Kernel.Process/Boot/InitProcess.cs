// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using Kernel.Process.Execution;
using Kernel.Process.Signals;
using Kernel.Process.Threads;
using Kernel.Process.Tree;
using Ostd.Boot;
using Ostd.Logging;
using Ostd.Tasks;
using Ostd.User;

namespace Kernel.Process.Boot;

/// <summary>The first process. Where its program is looked for, and what it gets on its stack, is Linux's way (Documentation/admin-guide/kernel-parameters: init=, rdinit=).</summary>
[Component(Stage = InitStage.Init)]
public sealed class InitProcess(
    ProcessTable table, ThreadRunner runner, ExecService execution, IVirtualFileSystem files, IProcessFileState fileState, KernelCommandLine commandLine) : IInitProcess
{
    private static ReadOnlySpan<byte> ConsolePath => "/dev/console"u8;

    public void Start()
    {
        UserThread thread;
        using (table.Lock.Acquire())
        {
            var pid = table.AllocatePidLocked(0, Credentials.Root.RealUid).Value;
            var process = new UserProcess(table, pid, null, new SignalDispositions(), new ResourceLimits()) { IsUnkillable = true, ExitSignal = (int)Signal.SIGCHLD };
            thread = new UserThread(pid, process, new UserContext(), Credentials.Root, fileState.CreateTable(), fileState.CreateContext(), new ThreadAttributes()) { CommandName = "init" };
            process.Main = thread;
            table.AddThreadLocked(thread);
            table.AddProcessLocked(process);
            process.LiveThreads.Add(thread);

            // Pid 1 starts in session 0 and group 0, so that it can call setsid(2).
            table.JoinGroupLocked(process, table.AddSessionLocked(0));
            table.Init = process;
        }

        if (!Task.TryCreate(Run, thread, thread.CommandName, out var task))
            Panic.Halt("No memory for the first process.");
        thread.Task = task;
        task.Start();
    }

    private void Run(object? data)
    {
        var thread = (UserThread)data!;
        OpenConsole(thread);
        Execute(thread);
        thread.KeepsRegisters = false;
        runner.Loop(thread);
    }

    private void OpenConsole(UserThread thread)
    {
        if (!files.Open(thread, ConsolePath, OpenFlags.O_RDWR).TryGet(out var console, out var error))
        {
            Log.Warn($"Unable to open an initial console: /dev/console: errno {(int)error}.");
            return;
        }

        for (var descriptor = 0; descriptor < 3; descriptor++)
        {
            // The table is empty and the limit is at its default: there is room.
            _ = thread.Files.Allocate(console.AddReference(), false, 0, thread.Process.Limits.Soft(ResourceKind.OpenFiles));
        }

        console.Release();
    }

    private void Execute(UserThread thread)
    {
        var tried = new StringBuilder();
        foreach (var path in Candidates())
        {
            var program = new ProgramArguments(Encoding.Latin1.GetBytes(path));
            program.Arguments.Add(program.FileName);
            foreach (var word in InitParameters.ArgumentsFrom(commandLine))
                program.Arguments.Add(Encoding.Latin1.GetBytes(word));
            program.Environment.Add("HOME=/"u8);
            program.Environment.Add("TERM=linux"u8);
            foreach (var variable in InitParameters.EnvironmentFrom(commandLine))
                program.Environment.Add(Encoding.Latin1.GetBytes(variable));

            var error = execution.Execute(thread, program);
            if (error == Errno.Success)
                return;
            tried.Append(tried.Length == 0 ? "" : ", ").Append(path).Append(" (").Append("errno ").Append((int)error).Append(')');

            // A program that was asked for by name and does not start is an error; the default ones are tried in turn.
            if (error != Errno.ENOENT)
                Log.Error($"Starting init: {path} exists but could not be executed (errno {(int)error}).");
        }

        Panic.Halt($"No working init found. Looked at: {tried}. Try passing the init= option to the kernel.");
    }

    private IEnumerable<string> Candidates()
    {
        if (commandLine.Find("rdinit") is { Length: > 0 } early)
            return [early];
        if (commandLine.Find("init") is { Length: > 0 } given)
            return [given];
        return ["/init", "/sbin/init", "/etc/init", "/bin/init", "/bin/sh"];
    }
}
