// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Projects;

namespace Asterion.Osdk.Machine;

/// <summary>How a machine ended.</summary>
/// <param name="QemuStatus">QEMU's exit status; 0 after a power-off.</param>
/// <param name="HasTimedOut">Whether it was stopped by the time limit.</param>
/// <param name="Signal">The signal that told osdk to end, or 0.</param>
/// <param name="Log">The file with everything that came over the serial line.</param>
internal readonly record struct MachineEnd(int QemuStatus, bool HasTimedOut, int Signal, string Log)
{
    private const string PanicStart = "Kernel panic: ";
    private const int TraceLines = 8;

    /// <summary>What the last panic in the log says: its reason, and the innermost functions of its trace. Empty when there is none.</summary>
    public string ReadPanic()
    {
        string[] lines = File.ReadAllLines(Log);
        int start = Array.FindLastIndex(lines, line => line.StartsWith(PanicStart, StringComparison.Ordinal));
        if (start < 0)
        {
            return "";
        }
        IEnumerable<string> trace = lines.Skip(start).SkipWhile(line => !line.StartsWith("Call trace:", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal)).Take(TraceLines);
        return string.Join('\n', trace.Prepend(lines[start][PanicStart.Length..]));
    }
}

/// <summary>Prepares and runs one machine.</summary>
internal sealed class GuestMachine
{
    /// <summary>QEMU's status after a panic: the exit device gives 2n + 1 for the code <c>Ostd.Boot.Panic.ExitCode</c>.</summary>
    public const int PanicQemuStatus = 2 * 0x50 + 1;

    private readonly MachineSettings _settings;

    /// <summary>A machine with complete settings.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="kernel">The kernel's file, or null for the one that the settings tell to build.</param>
    public GuestMachine(MachineSettings settings, string? kernel = null)
    {
        if (settings.Arch is not ("x64" or "riscv64" or "loongarch64"))
        {
            throw new OsdkException($"the architecture {settings.Arch} cannot be booted yet");
        }
        _settings = settings;
        DebianPackages.Require((settings.QemuProgram, settings.QemuPackage));
        KernelFile = kernel ?? KernelOf(settings);
        // A kernel on OSTD alone has no use for a file system, unless it is given one.
        Initramfs = settings.Initramfs ?? (Repository.Project is null ? Images.Initramfs.Make(settings) : "");
        if (Initramfs.Length > 0 && !File.Exists(Initramfs))
        {
            throw new OsdkException($"no such initramfs: {Initramfs}");
        }
    }

    /// <summary>The kernel that is booted.</summary>
    public string KernelFile { get; set; }

    /// <summary>The initial file system, empty for none; a second archive may be put behind it.</summary>
    public string Initramfs { get; set; }

    private static string KernelOf(MachineSettings settings)
        => Repository.Project is not null ? ProjectBuild.MakeKernel(settings)
            : settings.Kernel == "linux" ? LinuxKernel.Get() : KernelBuild.Make(settings, settings.Image!);

    /// <summary>Boots with the serial line on osdk's own terminal and waits for the end.</summary>
    public int RunInteractive()
    {
        using var terminal = new TerminalState();
        List<string> environment = [];
        if (terminal.Rows > 0)
        {
            environment.AddRange([$"OSDK_ROWS={terminal.Rows}", $"OSDK_COLUMNS={terminal.Columns}"]);
        }
        if (Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } term)
        {
            environment.Add("TERM=" + term);
        }
        List<string> arguments = QemuCommandLine.Build(_settings, KernelFile, Initramfs, environment, interactive: true);
        if (_settings.WaitForDebugger)
        {
            Report.Note($"waiting for: gdb {Path.ChangeExtension(KernelFile, ".debug.elf")} -ex 'target remote :1234'");
        }
        using ChildProcess qemu = ChildProcess.Start(_settings.QemuProgram, arguments, redirect: false, _settings.TimeoutSeconds);
        int status = qemu.WaitForExit();
        return qemu.HasTimedOut ? ExitCodes.TimedOut : qemu.ReceivedSignal != 0 ? ExitCodes.Interrupted + qemu.ReceivedSignal : StatusOf(status, null);
    }

    /// <summary>Boots with the serial line taken apart for an observer, and waits for the end.</summary>
    /// <param name="token">The token of this boot's frames, from <see cref="NewToken"/>.</param>
    /// <param name="observer">Gets the output.</param>
    /// <param name="logName">Name of the log file below <c>out/logs</c>.</param>
    /// <param name="cancellation">Stops the machine.</param>
    public MachineEnd RunObserved(string token, IGuestObserver observer, string logName, CancellationToken cancellation = default)
    {
        List<string> arguments = QemuCommandLine.Build(_settings, KernelFile, Initramfs, ["OSDK_TOKEN=" + token], interactive: false);
        using FileStream raw = CreateLog(Path.Combine(Repository.Logs, _settings.MarkLog(logName)));
        using ChildProcess qemu = ChildProcess.Start(_settings.QemuProgram, arguments, redirect: true, _settings.TimeoutSeconds);
        using CancellationTokenRegistration stop = cancellation.Register(qemu.Kill);
        Task<string> error = qemu.Error.ReadToEndAsync(CancellationToken.None);
        var stream = new GuestStream(token, observer);
        var powerOff = new PowerOffCode();
        byte[] buffer = new byte[65536];
        int count;
        while ((count = qemu.Output.Read(buffer)) > 0)
        {
            raw.Write(buffer, 0, count);
            powerOff.Write(buffer.AsSpan(0, count));
            stream.Write(buffer.AsSpan(0, count));
        }
        stream.Complete();
        int status = qemu.WaitForExit();
        string complaint = error.Result.Trim();
        if (complaint.Length > 0 && !qemu.HasTimedOut && qemu.ReceivedSignal == 0)
        {
            Report.Note("QEMU says: " + complaint);
        }
        if (_settings.Arch == "loongarch64")
        {
            status = powerOff.StatusFor(status);
        }
        return new MachineEnd(status, qemu.HasTimedOut, qemu.ReceivedSignal, raw.Name);
    }

    // A machine of the same name that runs at this moment keeps its log: this one's gets the process's number.
    private static FileStream CreateLog(string path)
    {
        try
        {
            return File.Create(path);
        }
        catch (IOException) when (File.Exists(path))
        {
            return File.Create($"{Path.ChangeExtension(path, null)}-{Environment.ProcessId}{Path.GetExtension(path)}");
        }
    }

    /// <summary>A token that no output can contain by accident.</summary>
    public static string NewToken() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>What osdk leaves with when the machine itself, not a command in it, decides.</summary>
    public static int StatusOf(int qemuStatus, string? log) => qemuStatus switch
    {
        0 => 0,
        // QEMU's own failures are 1; the exit device gives odd numbers from 3 on, and only a panic uses it outside of kernel tests.
        1 => throw new OsdkException("QEMU failed", log),
        // A kernel of one's own may end with any code: Power.Off(n) is 2n + 1.
        _ when Repository.Project is not null && qemuStatus != PanicQemuStatus && qemuStatus % 2 != 0 => (qemuStatus - 1) / 2,
        _ => throw new OsdkException($"the kernel panicked (QEMU status {qemuStatus})", log, ExitCodes.KernelPanic),
    };
}
