// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk debug</c>: gdb at source level on a kernel that runs one command, or on one that <c>osdk run --gdb</c> has started.</summary>
internal static class DebugCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="guestCommand">What stood behind "--".</param>
    public static Command Create(string[] guestCommand)
    {
        var batch = new Option<bool>("--batch") { Description = "Run the commands given with --ex and leave" };
        var execute = new Option<string[]>("--ex") { Description = "A gdb command, executed before the first instruction of the kernel (repeatable)" };
        var attach = new Option<bool>("--attach") { Description = "Debug the machine of \"osdk run --gdb\", on port 1234" };
        var command = new Command("debug", "Starts gdb on the kernel while it runs the command after \"--\": breakpoints by C# file and line, backtraces through the stubs.") { batch, execute, attach };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            DebianPackages.Require(("gdb", "gdb"));
            MachineSettings settings = options.Resolve(result, "run");
            string[] commands = result.GetValue(execute) ?? [];
            bool isBatch = result.GetValue(batch);
            if (result.GetValue(attach))
            {
                string kernel = KernelBuild.Make(settings, settings.Image!);
                return RunGdb(kernel, "localhost:1234", commands, isBatch, CancellationToken.None);
            }
            return guestCommand.Length > 0 ? Debug(settings, guestCommand, commands, isBatch) : throw new OsdkException("debug needs --attach, or a command after \"--\"");
        });
        return command;
    }

    private static int Debug(MachineSettings settings, string[] guestCommand, string[] commands, bool isBatch)
    {
        string socket = Path.Combine(Path.GetTempPath(), $"osdk-debug-{Environment.ProcessId}.sock");
        settings = settings with { QemuArguments = [.. settings.QemuArguments, "-S", "-gdb", $"unix:{socket},server=on,wait=off"], TimeoutSeconds = null };
        var machine = new GuestMachine(settings);
        machine.Initramfs = Initramfs.Extend(machine.Initramfs, $"initramfs-debug-{Environment.ProcessId}.cpio", cpio =>
        {
            cpio.AddDirectory("osdk");
            cpio.AddDirectory("osdk/steps");
            cpio.AddFile("osdk/steps/run", "#!/bin/sh\nexec " + string.Join(' ', guestCommand.Select(word => "'" + word.Replace("'", "'\\''") + "'")) + "\n", 0b111_101_101);
        });
        using var end = new CancellationTokenSource();
        try
        {
            var observer = new OutputObserver(isSilent: isBatch);
            Task<MachineEnd> running = Task.Run(() => machine.RunObserved(GuestMachine.NewToken(), observer, "debug.log", end.Token));
            while (!File.Exists(socket) && !running.IsCompleted)
            {
                Thread.Sleep(20);
            }
            int status = RunGdb(machine.KernelFile, socket, commands, isBatch, end.Token);
            end.Cancel();
            _ = running.Result;
            return status;
        }
        finally
        {
            File.Delete(machine.Initramfs);
            File.Delete(socket);
        }
    }

    private static int RunGdb(string kernel, string target, string[] commands, bool isBatch, CancellationToken cancellation)
    {
        // The compiler wrote the paths of sources with "/_/" for the repository (PathMap in Directory.Build.props).
        List<string> arguments =
        [
            "-q", "-nx", "-iex", "set pagination off", "-iex", "set confirm off", Path.ChangeExtension(kernel, ".debug.elf"), "-ex", $"set substitute-path /_/ {Repository.Root}/",
            "-ex", "set print asm-demangle on", "-ex", $"target remote {target}",
        ];
        foreach (string command in commands)
        {
            arguments.AddRange(["-ex", command]);
        }
        if (isBatch)
        {
            // At its end gdb lets the machine go; osdk takes it down.
            arguments.Insert(0, "-batch");
        }
        using ChildProcess gdb = ChildProcess.Start("gdb", arguments, redirect: false, timeoutSeconds: null);
        using CancellationTokenRegistration stop = cancellation.Register(gdb.Kill);
        return gdb.WaitForExit();
    }

    /// <summary>Shows what the command in the guest writes, unless gdb's output is what is asked for.</summary>
    private sealed class OutputObserver(bool isSilent) : IGuestObserver
    {
        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
            if (step is not null && !isSilent)
            {
                Console.Error.Write(System.Text.Encoding.UTF8.GetString(bytes));
            }
        }

        public void OnBegin(string step)
        {
        }

        public void OnEnd(string step, int status)
        {
        }

        public void OnMissing(string program) => Report.Error($"{program}: not found in the guest");
    }
}
