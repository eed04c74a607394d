// SPDX-License-Identifier: MPL-2.0

using System;
using System.CommandLine;
using System.Linq;

namespace Asterion.Osdk.Machine;

/// <summary>The command line options that describe a machine; the commands that boot one share them.</summary>
internal sealed class MachineOptions
{
    private readonly Option<string?> _arch = Choice("--arch", "Architecture", "x64", "riscv64", "loongarch64");
    private readonly Option<string?> _codegen = Choice("--codegen", "Who makes the kernel's code: NativeAOT's compiler, or this project's own", "ilc", "llvm");
    private readonly Option<string?> _kernel = Choice("--kernel", "Kernel to boot: this one, or Debian's for comparison", "asterion", "linux");
    private readonly Option<string?> _image = new("--image") { Description = "Folder of the image's project, such as examples/Kernel.Hello" };
    private readonly Option<string?> _boot = Choice("--boot", "How the kernel is loaded", "pvh", "grub-iso");
    private readonly Option<bool> _release = new("--release") { Description = "Optimised build (the default)" };
    private readonly Option<bool> _debug = new("--debug") { Description = "Build with checks" };
    private readonly Option<int?> _cpus = new("--smp") { Description = "Number of CPUs" };
    private readonly Option<string?> _memory = new("--memory") { Description = "Size of memory, such as 512M or 1G" };
    private readonly Option<string?> _network = Choice("--net", "Network", "user", "none");
    private readonly Option<string?> _machine = Choice("--machine", "Machine: a PC, or one without PCI and ACPI, with virtio-mmio devices", "q35", "microvm");
    private readonly Option<string?> _console = Choice("--console", "Console: the serial line, or a virtio console", "ttyS0", "hvc0");
    private readonly Option<string?> _initramfs = new("--initramfs") { Description = "A cpio archive (plain or gzip) in place of the one made here" };
    private readonly Option<string?> _userland = Choice("--userland", "Programs of the initial file system: busybox, or an init without a shell and a C library", "busybox", MachineSettings.FreeUserland);
    private readonly Option<string[]> _kernelArguments = new("--kcmd") { Description = "Words for the kernel's command line; those after \"--\" go to init" };
    private readonly Option<bool?> _iommu = new("--iommu") { Description = "A machine with an IOMMU (Intel VT-d, with interrupt remapping)" };
    private readonly Option<string[]> _disks = new("--disk") { Description = "Raw disk image to attach as a virtio disk (repeatable); with \",readonly\" behind it the guest cannot write it" };
    private readonly Option<string[]> _qemuArguments = new("--qemu-args") { Description = "Further arguments for QEMU" };
    private readonly Option<bool> _gdb = new("--gdb") { Description = "Wait for gdb on port 1234 before the first instruction" };
    private readonly Option<double?> _timeout = new("--timeout") { Description = "Stop the machine after so many seconds and leave with 124" };
    private readonly Option<string?> _scheme = new("--scheme") { Description = "A scheme of osdk.json" };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        // A project is its own image, and has no other kernel.
        foreach (Option option in (Option[])[_arch, .. Repository.Project is null ? (Option[])[_codegen, _kernel, _image] : [], _boot, _release, _debug, _cpus, _memory, _network, _iommu, _machine, _console, _initramfs, _userland, _kernelArguments, _disks, _qemuArguments, _gdb, _timeout, _scheme])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>The settings that result from command line, manifest and defaults.</summary>
    /// <param name="result">The parsed command line.</param>
    /// <param name="action">The manifest's section for this command: run, test, ...</param>
    public MachineSettings Resolve(ParseResult result, string action)
    {
        if (result.GetValue(_release) && result.GetValue(_debug))
        {
            throw new OsdkException("--release and --debug exclude each other");
        }
        string[] kernelWords = Words(result.GetValue(_kernelArguments));
        int separator = Array.IndexOf(kernelWords, "--");
        var own = new MachineSettings
        {
            Arch = result.GetValue(_arch),
            Codegen = result.GetValue(_codegen),
            Kernel = result.GetValue(_kernel),
            Image = result.GetValue(_image),
            Boot = result.GetValue(_boot),
            Configuration = result.GetValue(_debug) ? "Debug" : result.GetValue(_release) ? "Release" : null,
            Cpus = result.GetValue(_cpus),
            Memory = result.GetValue(_memory),
            Network = result.GetValue(_network),
            Machine = result.GetValue(_machine),
            Console = result.GetValue(_console),
            Iommu = result.GetValue(_iommu),
            Initramfs = result.GetValue(_initramfs),
            Userland = result.GetValue(_userland),
            KernelArguments = separator < 0 ? kernelWords : kernelWords[..separator],
            InitArguments = separator < 0 ? [] : kernelWords[(separator + 1)..],
            Disks = result.GetValue(_disks) ?? [],
            QemuArguments = Words(result.GetValue(_qemuArguments)),
            WaitForDebugger = result.GetValue(_gdb),
            TimeoutSeconds = result.GetValue(_timeout),
        };
        MachineSettings manifest = Manifest.Load().Resolve(action, result.GetValue(_scheme));
        return own.Over(manifest).Over(MachineSettings.Defaults).Complete();
    }

    /// <summary>The number of CPUs that the command line itself gives, or null.</summary>
    public int? GivenCpus(ParseResult result) => result.GetValue(_cpus);

    private static string[] Words(string[]? values) =>
        values is null ? [] : [.. values.SelectMany(value => value.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static Option<string?> Choice(string name, string description, params string[] values)
    {
        var option = new Option<string?>(name) { Description = description };
        option.AcceptOnlyFromAmong(values);
        return option;
    }
}
