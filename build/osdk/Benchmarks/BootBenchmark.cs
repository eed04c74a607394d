// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;
using Spectre.Console;

namespace Asterion.Osdk.Benchmarks;

/// <summary><c>osdk bench boot</c>: how long this kernel and Debian's Linux take to the first user instruction, in the same machine.</summary>
internal static class BootBenchmark
{
    /// <summary>Creates the command.</summary>
    public static Command Create()
    {
        var rounds = new Option<int>("--rounds") { Description = "How often each kernel is booted", DefaultValueFactory = _ => 3 };
        var command = new Command("boot", "Boots this kernel and Debian's Linux in turn and compares the time to the first user instruction.") { rounds };
        var options = new MachineOptions();
        options.AddTo(command);
        command.SetAction(result =>
        {
            MachineSettings settings = options.Resolve(result, "bench");
            var times = new Dictionary<string, List<double>> { ["asterion"] = [], ["linux"] = [] };
            string initramfs = MakeInitramfs();
            // In turn, so that a change in the host's load meets both.
            for (int round = 0; round < result.GetValue(rounds); round++)
            {
                foreach ((string kernel, List<double> list) in times)
                {
                    list.Add(BootSeconds(settings with { Kernel = kernel, Initramfs = initramfs, TimeoutSeconds = 120 }));
                }
            }
            Print(times);
            return 0;
        });
        return command;
    }

    /// <summary>An initial file system whose only program says that it runs, as its first act, and powers off.</summary>
    private static string MakeInitramfs()
    {
        string archive = System.IO.Path.Combine(Repository.Out, "bench-boot.cpio");
        string busybox = System.IO.Path.Combine(Host.DebianPackages.Unpack("busybox-static"), "bin", "busybox");
        using System.IO.FileStream stream = System.IO.File.Create(archive);
        using var cpio = new CpioWriter(stream);
        cpio.AddDirectory("bin");
        cpio.AddDirectory("dev");
        cpio.AddCharacterDevice("dev/console", 5, 1, 0b110_000_000);
        cpio.AddFile("bin/busybox", System.IO.File.ReadAllBytes(busybox), 0b111_101_101);
        cpio.AddFile("init", "#!/bin/busybox sh\necho first-user-output\nexec /bin/busybox poweroff -f\n", 0b111_101_101);
        return archive;
    }

    private static double BootSeconds(MachineSettings settings)
    {
        var machine = new GuestMachine(settings);
        var observer = new FirstOutput();
        MachineEnd end = machine.RunObserved(GuestMachine.NewToken(), observer, $"bench-boot-{settings.Kernel}.log");
        return observer.Seconds ?? throw new OsdkException($"{settings.Kernel} did not reach user space", end.Log);
    }

    private static void Print(Dictionary<string, List<double>> times)
    {
        var table = new Table().AddColumns("kernel", "best", "median", "all (s)");
        foreach ((string kernel, List<double> list) in times)
        {
            double[] sorted = [.. list.Order()];
            table.AddRow(kernel, Format(sorted[0]), Format(sorted[sorted.Length / 2]), string.Join(' ', list.Select(Format)));
        }
        AnsiConsole.Write(table);
        Console.Out.WriteLine($"best asterion / best linux = {Format(times["asterion"].Min() / times["linux"].Min())}");
    }

    private static string Format(double seconds) => seconds.ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>Takes the time from the start of QEMU to the line that init prints.</summary>
    private sealed class FirstOutput : IGuestObserver
    {
        private readonly Stopwatch _watch = Stopwatch.StartNew();
        private string _text = "";

        public double? Seconds { get; private set; }

        public void OnOutput(string? step, ReadOnlySpan<byte> bytes)
        {
            _text += System.Text.Encoding.UTF8.GetString(bytes);
            if (Seconds is null && _text.Contains("first-user-output", StringComparison.Ordinal))
            {
                Seconds = _watch.Elapsed.TotalSeconds;
            }
        }

        public void OnBegin(string step)
        {
        }

        public void OnEnd(string step, int status)
        {
        }

        public void OnMissing(string program)
        {
        }
    }
}
