// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;
using Asterion.Osdk.Images;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Testing;

/// <summary>What <c>osdk run</c> promises to scripts: output, exit statuses, the time limit, foreign initial file systems.</summary>
internal sealed class CommandLineSuite : ITestSuite
{
    /// <inheritdoc/>
    public string Name => "run";

    /// <inheritdoc/>
    public void Run(TestRun run)
    {
        Check(run, "status-is-passed-on", 7, "", ["--", "sh", "-c", "exit 7"]);
        Check(run, "output-is-exact", 0, "a\nb\r\n\tc\u001b[0m", ["--", "printf", "a\\nb\\r\\n\\tc\\033[0m"]);
        Check(run, "arguments-are-exact", 0, "<a b><'\"$x><><-n>", ["--", "printf", "<%s>", "a b", "'\"$x", "", "-n"]);
        Check(run, "standard-error-is-output-too", 3, "out\nerr\n", ["--", "sh", "-c", "echo out; echo err >&2; exit 3"]);
        Check(run, "unknown-program", ExitCodes.CommandNotFound, "", ["--", "no-such-program"], "no-such-program: not found");
        Check(run, "death-by-signal", 137, null, ["--", "sh", "-c", "kill -9 $$"]);
        Check(run, "time-limit", ExitCodes.TimedOut, "", ["--timeout", "8", "--", "sleep", "100"]);
        Check(run, "left-over-processes-do-not-hold", 0, "done\n", ["--", "sh", "-c", "sleep 1000 & echo done"]);
        Check(run, "more-memory", 0, "1\n", ["--memory", "2G", "--", "sh", "-c", "awk '/MemTotal/ {print ($2 > 1500000)}' /proc/meminfo"]);
        if (!run.IsOnLinux)
        {
            // Four shells take all memory; who takes a little meanwhile finds no page either, but outlives them.
            const string hogs = "for i in 1 2 3 4; do (x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done) 2>/dev/null & done; ";
            const string bystander = "awk 'BEGIN {for (i = 0; i < 150000; i++) a[i] = i; print length(a)}'; echo $?; ";
            const string ends = "for h in 1 2 3 4; do wait %$h; echo $?; done 2>/dev/null";
            Check(run, "exhausted-memory-kills-the-largest", 0, "150000\n0\n137\n137\n137\n137\n", ["--memory", "128M", "--", "sh", "-c", hogs + bystander + ends]);
        }
        if (!run.IsOnLinux)
        {
            string lastCpu = $"CPU {(run.Settings.Cpus ?? 1) - 1}, task ";
            Check(run, "a-panic-stops-all-cpus-and-shows-them", ExitCodes.KernelPanic, null, ["--kcmd", "panic_print=0x40 rdinit=/bin/false"], lastCpu);
            Check(run, "maxcpus", 0, "1\n1\n", ["--kcmd", "maxcpus=1", "--", "sh", "-c", "nproc; grep -c ^processor /proc/cpuinfo"]);
        }
        if (!run.IsOnLinux)
        {
            Check(run, "entropy-device", 0, "4096\ndifferent\n", ["--qemu-args", "-device virtio-rng-pci", "--", "sh", "-c",
                "dd if=/dev/hwrng of=/tmp/a bs=4096 count=1 2>/dev/null; dd if=/dev/hwrng of=/tmp/b bs=4096 count=1 2>/dev/null; wc -c </tmp/a; cmp -s /tmp/a /tmp/b || echo different"]);
            Check(run, "no-entropy-device", 1, "", ["--", "test", "-e", "/dev/hwrng"]);
        }
        if (!run.IsOnLinux)
        {
            const string state = "/proc/asterion/iommu";
            string[] isBypassing = ["--qemu-args", "-device virtio-rng-pci"];
            string[] isBehind = ["--qemu-args", "-device virtio-rng-pci" + QemuCommandLine.BehindIommu];
            Check(run, "no-iommu", 0, "dma_remapping 0\ninterrupt_remapping 0\nmapped_pages 0\nfaults 0\n", ["--", "cat", state]);
            Check(run, "iommu", 0, "dma_remapping 1\ninterrupt_remapping 1\nmapped_pages 0\nfaults 0\n", ["--iommu", "--", "cat", state]);
            Check(run, "iommu-turned-off", 0, "dma_remapping 0\ninterrupt_remapping 0\n", ["--iommu", "--kcmd", "intel_iommu=off", "--", "head", "-n", "2", state]);
            Check(run, "interrupt-remapping-turned-off", 0, "dma_remapping 1\ninterrupt_remapping 0\n", ["--iommu", "--kcmd", "intremap=off", "--", "head", "-n", "2", state]);
            Check(run, "device-behind-the-iommu", 0, "16\nfaults 0\n", ["--iommu", .. isBehind, "--", "sh", "-c", $"head -c 16 /dev/hwrng | wc -c; grep faults {state}"]);
            Check(run, "device-that-bypasses-the-iommu", 0, "1\nno device\n", ["--iommu", .. isBypassing, "--", "sh", "-c", "dmesg | grep -c 'would bypass the IOMMU'; test -e /dev/hwrng || echo no device"]);
        }
        Check(run, "grub-image", 0, "booted\n", ["--boot", "grub-iso", "--", "echo", "booted"]);
        CheckFree(run);
        CheckForeignInitramfs(run);
        CheckNoMachineIsLeft(run);
    }

    // The initial file system without busybox has no shell, and a program is found, ends and fails there as with one.
    private void CheckFree(TestRun run)
    {
        string[] free = ["--userland", MachineSettings.FreeUserland];
        Check(run, "free-arguments-are-exact", 0, "a  b '\"$x  -n\n", [.. free, "--", "echo", "a  b", "'\"$x", "", "-n"]);
        Check(run, "free-status-and-standard-error", 1, "cat: /none: error 2\n", [.. free, "--", "cat", "/none"]);
        Check(run, "free-file-of-the-host", 0, File.ReadAllText(Repository.File("global.json")), [.. free, "--file", Repository.File("global.json") + "=/new/folder/file", "--", "cat", "/new/folder/file"]);
        Check(run, "free-unknown-program", ExitCodes.CommandNotFound, "", [.. free, "--", "no-such-program"], "no-such-program: not found");
        Check(run, "free-no-program", 126, "step: /etc/passwd: cannot be executed (error 13)\n", [.. free, "--", "/etc/passwd"]);
        Check(run, "free-init-arguments", 0, null, [.. free, "--kcmd", "-- /bin/echo one two"], "one two");
    }

    private void CheckForeignInitramfs(TestRun run)
    {
        string archive = Path.Combine(Repository.Out, $"foreign-init{run.MachineMark}.cpio");
        if (run.Selects($"{Name}/foreign-initramfs") || run.Selects($"{Name}/other-init") || run.Selects($"{Name}/init-arguments"))
        {
            string busybox = Path.Combine(DebianPackages.Unpack("busybox-static"), "bin", "busybox");
            using FileStream stream = File.Create(archive);
            using var cpio = new CpioWriter(stream);
            cpio.AddDirectory("bin");
            cpio.AddDirectory("dev");
            cpio.AddCharacterDevice("dev/console", 5, 1, 0b110_000_000);
            cpio.AddFile("bin/busybox", File.ReadAllBytes(busybox), 0b111_101_101);
            cpio.AddFile("init", "#!/bin/busybox sh\necho \"foreign init $*\"\nexec /bin/busybox poweroff -f\n", 0b111_101_101);
            cpio.AddFile("other", "#!/bin/busybox sh\necho \"other init in $PLACE\"\nexec /bin/busybox poweroff -f\n", 0b111_101_101);
        }
        Check(run, "foreign-initramfs", 0, null, ["--initramfs", archive], "foreign init");
        Check(run, "init-arguments", 0, null, ["--initramfs", archive, "--kcmd", "-- one two"], "foreign init one two");
        // Linux calls the parameter rdinit= when init is in the initial file system.
        string parameter = run.IsOnLinux ? "rdinit" : "init";
        Check(run, "other-init", 0, null, ["--initramfs", archive, "--kcmd", $"{parameter}=/other PLACE=here"], "other init in here");
        if (!run.IsOnLinux)
        {
            Check(run, "no-init-says-where-it-looked", ExitCodes.KernelPanic, null, ["--initramfs", archive, "--kcmd", "init=/nowhere/init"], "/nowhere/init");
        }
    }

    private void CheckNoMachineIsLeft(TestRun run)
    {
        string name = $"{Name}/a-killed-osdk-leaves-no-machine";
        if (!run.Selects(name))
        {
            return;
        }
        // The kernel's name on QEMU's command line tells this machine from others.
        string mark = "mark=" + Guid.NewGuid().ToString("N");
        string script = $"""
            "$0" run --kernel {run.Settings.Kernel} --smp {run.Settings.Cpus} --kcmd {mark} -- sleep 1000 & pid=$!
            until pgrep -f '[q]emu.*{mark}' >/dev/null; do kill -0 $pid || exit 3; done
            kill -KILL $pid; wait $pid
            until ! pgrep -f '[q]emu.*{mark}' >/dev/null; do :; done
            """;
        string log = Path.Combine(run.Logs, "run-killed.log");
        int status = Tool.RunLogged(log, "sh", ["-c", script, Repository.File("osdk")], timeoutSeconds: 120);
        if (status == 0)
        {
            run.Pass(name);
        }
        else
        {
            run.Fail(name, $"status {status}", log);
        }
    }

    /// <summary>Runs osdk as a user does.</summary>
    /// <param name="run">The run to report to.</param>
    /// <param name="test">The test's name.</param>
    /// <param name="status">The status it has to leave with.</param>
    /// <param name="output">What has to be on standard output, or null for anything.</param>
    /// <param name="arguments">What follows "run".</param>
    /// <param name="mention">What has to be said, on either stream.</param>
    private void Check(TestRun run, string test, int status, string? output, string[] arguments, string? mention = null)
    {
        string name = $"{Name}/{test}";
        if (!run.Selects(name))
        {
            return;
        }
        string log = Path.Combine(run.Logs, $"run-{test}.log");
        using var process = new Process();
        process.StartInfo = new ProcessStartInfo(Repository.File("osdk")) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        List<string> all = ["run", "--kernel", run.Settings.Kernel!, "--smp", $"{run.Settings.Cpus}", .. arguments.Contains("--timeout") ? Array.Empty<string>() : ["--timeout", "120"], .. arguments];
        foreach (string argument in all)
        {
            process.StartInfo.ArgumentList.Add(argument);
        }
        process.Start();
        process.StandardInput.Close();
        System.Threading.Tasks.Task<string> error = process.StandardError.ReadToEndAsync();
        string seen = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        File.WriteAllText(log, $"osdk {string.Join(' ', all)}\nstatus {process.ExitCode}\n--- output\n{seen}\n--- error\n{error.Result}");
        if (process.ExitCode != status)
        {
            run.Fail(name, $"status {process.ExitCode} and not {status}", log);
        }
        else if (output is not null && seen != output)
        {
            run.Fail(name, $"output is \"{seen}\" and not \"{output}\"", log);
        }
        else if (mention is not null && !seen.Contains(mention, StringComparison.Ordinal) && !error.Result.Contains(mention, StringComparison.Ordinal))
        {
            run.Fail(name, $"\"{mention}\" is not said", log);
        }
        else
        {
            run.Pass(name);
        }
    }
}
