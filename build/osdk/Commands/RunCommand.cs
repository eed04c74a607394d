// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;
using Microsoft.Win32.SafeHandles;

namespace Asterion.Osdk.Commands;

/// <summary><c>osdk run</c>: boots to a shell, or runs one command in the guest.</summary>
internal static class RunCommand
{
    /// <summary>Creates the command.</summary>
    /// <param name="guestCommand">What stood behind "--".</param>
    public static Command Create(string[] guestCommand)
    {
        var command = new Command("run", Repository.Project is not null ? "Builds the kernel and boots it in QEMU." : "Boots to a shell on this terminal; with \"-- CMD ARGS\" runs one command in the guest and leaves with its status.");
        var options = new MachineOptions();
        options.AddTo(command);
        var files = new Option<string[]>("--file") { Description = "A file of the host to put into the initial file system (repeatable): HOST, which becomes /root/NAME, or HOST=/PATH" };
        if (Repository.Project is null)
        {
            command.Options.Add(files);
        }
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "run");
            if (Repository.Project is not null && guestCommand.Length > 0)
            {
                throw new OsdkException("a command after \"--\" needs the kernel of Asterion; a project's own gets its words with --kcmd");
            }
            GuestFile[] added = [.. (result.GetValue(files) ?? []).Select(GuestFile.Parse)];
            if (settings.Initramfs is not null && guestCommand.Length > 0)
            {
                throw new OsdkException("a command after \"--\" needs osdk's own initramfs; give a foreign init its arguments with --kcmd \"-- ARGS\"");
            }
            var machine = new GuestMachine(settings);
            return guestCommand.Length == 0 ? RunInteractive(machine, added) : RunGuestCommand(machine, settings, guestCommand, added);
        });
        return command;
    }

    private static int RunInteractive(GuestMachine machine, GuestFile[] files)
    {
        if (files.Length == 0)
        {
            return machine.RunInteractive();
        }
        machine.Initramfs = Initramfs.Extend(machine.Initramfs, $"initramfs-run-{Environment.ProcessId}.cpio", cpio => GuestFile.AddAll(cpio, files));
        try
        {
            return machine.RunInteractive();
        }
        finally
        {
            File.Delete(machine.Initramfs);
        }
    }

    private static int RunGuestCommand(GuestMachine machine, MachineSettings settings, string[] guestCommand, GuestFile[] files)
    {
        string token = GuestMachine.NewToken();
        machine.Initramfs = Initramfs.Extend(machine.Initramfs, $"initramfs-run-{Environment.ProcessId}.cpio", cpio =>
        {
            cpio.AddDirectory("osdk");
            cpio.AddDirectory("osdk/steps");
            cpio.AddFile("osdk/steps/run", GuestCommand.NamedStep(settings, token, guestCommand), 0b111_101_101);
            GuestFile.AddAll(cpio, files);
        });
        try
        {
            using var observer = new CommandObserver();
            MachineEnd end = machine.RunObserved(token, observer, "run.log");
            return observer.Status is { } status ? status : StatusWithoutEnd(end);
        }
        finally
        {
            File.Delete(machine.Initramfs);
        }
    }

    private static int StatusWithoutEnd(MachineEnd end)
    {
        if (end.HasTimedOut)
        {
            Report.Note("time-out");
            return ExitCodes.TimedOut;
        }
        if (end.Signal != 0)
        {
            return ExitCodes.Interrupted + end.Signal;
        }
        _ = GuestMachine.StatusOf(end.QemuStatus, end.Log);
        throw new OsdkException("the machine stopped before the command had ended", end.Log, ExitCodes.KernelPanic);
    }

    /// <summary>Passes the command's output on, byte for byte.</summary>
    private sealed class CommandObserver : IGuestObserver, IDisposable
    {
        private readonly Stream _output = OpenOutput();

        /// <summary>The command's status, once known.</summary>
        public int? Status { get; private set; }

        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
            if (step is not null)
            {
                try
                {
                    _output.Write(bytes);
                }
                catch (IOException broken)
                {
                    throw new OsdkException("standard output: " + broken.Message, exitCode: ExitCodes.OutputClosed);
                }
            }
        }

        public void OnBegin(string step)
        {
        }

        public void OnEnd(string step, int status) => Status = status;

        public void OnMissing(string program) => Report.Error($"{program}: not found in the guest");

        public void Dispose() => _output.Dispose();

        private static Stream OpenOutput()
        {
            // A FileStream reports a reader that went away, which Console's stream hides (the guest would go on for nobody). On a file, though,
            // a FileStream writes at an offset of its own (pwrite) and not at the end that others share: there, Console's stream is right.
            var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.OpenStandardOutput() : stream;
        }
    }
}
