// SPDX-License-Identifier: MPL-2.0

using System.Collections.Generic;
using System.Globalization;
using System.IO;

namespace Asterion.Osdk.Machine;

/// <summary>
/// What to build and how to boot it. A null means "not said here": settings are layered, command line over scheme over manifest over
/// <see cref="Defaults"/>.
/// </summary>
internal sealed record MachineSettings
{
    /// <summary>What holds when nobody says anything.</summary>
    public static MachineSettings Defaults { get; } = new()
    {
        Arch = "x64", Codegen = "ilc", Configuration = "Release", Kernel = "asterion", Image = "Kernel.Image", Boot = "pvh", Cpus = 1, Memory = "1G", Network = "none", Iommu = false, Machine = "q35", Console = "ttyS0", Userland = "busybox",
    };

    /// <summary>x64, riscv64 or loongarch64.</summary>
    public string? Arch { get; init; }

    /// <summary>Who makes the kernel's code: ilc, NativeAOT's compiler, or llvm, this project's own.</summary>
    public string? Codegen { get; init; }

    /// <summary>Release or Debug.</summary>
    public string? Configuration { get; init; }

    /// <summary>asterion, or linux for Debian's kernel in the same machine.</summary>
    public string? Kernel { get; init; }

    /// <summary>The folder of the kernel image's project: <c>Kernel.Image</c>, or a variant of it.</summary>
    public string? Image { get; init; }

    /// <summary>The value of <see cref="Userland"/> for programs without a C library.</summary>
    public const string FreeUserland = "free";

    /// <summary>What the initial file system has for programs: busybox; or free, an init of this repository that needs no C library, and no shell. Where there is no busybox it is the latter.</summary>
    public string? Userland { get; init; }

    /// <summary>Whether steps are shell scripts.</summary>
    public bool HasShell => Userland != FreeUserland;

    /// <summary>pvh (QEMU loads the kernel) or grub-iso.</summary>
    public string? Boot { get; init; }

    /// <summary>Tells results of a machine with several CPUs from those with one: <c>@4</c>, or nothing; of one with an IOMMU: <c>+iommu</c>; of a kernel by LLVM: <c>+llvm</c>; and of another architecture: <c>+riscv64</c>.</summary>
    public string MachineMark => (Arch != "x64" ? "+" + Arch : Codegen == "llvm" ? "+llvm" : "") + (Iommu == true ? "+iommu" : "") + (Cpus is > 1 ? "@" + Cpus.Value.ToString(CultureInfo.InvariantCulture) : "");

    /// <summary>Puts <see cref="MachineMark"/> into a log's name, before the extension.</summary>
    public string MarkLog(string logName) => Path.GetFileNameWithoutExtension(logName) + MachineMark + Path.GetExtension(logName);

    /// <summary>Number of CPUs.</summary>
    public int? Cpus { get; init; }

    /// <summary>Size of memory as QEMU writes it.</summary>
    public string? Memory { get; init; }

    /// <summary>user or none.</summary>
    public string? Network { get; init; }

    /// <summary>q35, a PC; or microvm, a machine without PCI and ACPI. Other architectures have one kind alone.</summary>
    public string? Machine { get; init; }

    /// <summary>What the shell or the command talks to: ttyS0, the serial line, or hvc0, a virtio console.</summary>
    public string? Console { get; init; }

    /// <summary>Whether the machine has an IOMMU, behind which all its devices are.</summary>
    public bool? Iommu { get; init; }

    /// <summary>A cpio archive in place of the one that is made.</summary>
    public string? Initramfs { get; init; }

    /// <summary>Path of QEMU, where it is not the architecture's of Debian.</summary>
    public string? Qemu { get; init; }

    /// <summary>QEMU's program.</summary>
    public string QemuProgram => Qemu ?? (Arch == "x64" ? "qemu-system-x86_64" : "qemu-system-" + Arch);

    /// <summary>Debian's package with it.</summary>
    public string QemuPackage => Arch == "x64" ? "qemu-system-x86" : "qemu-system-misc";

    /// <summary>Complete settings, with what the architecture decides: ilc makes code for x86-64 alone, and Debian 12 has no C library for LoongArch.</summary>
    public MachineSettings Complete() => (Arch == "x64" ? this : this with { Codegen = "llvm" }) with { Userland = Arch == "loongarch64" ? FreeUserland : Userland };

    /// <summary>Words added to the kernel's command line; the layers add up.</summary>
    public IReadOnlyList<string> KernelArguments { get; init; } = [];

    /// <summary>Arguments of init.</summary>
    public IReadOnlyList<string> InitArguments { get; init; } = [];

    /// <summary>Raw disk images; the layers add up.</summary>
    public IReadOnlyList<string> Disks { get; init; } = [];

    /// <summary>Words added to QEMU's command line; the layers add up.</summary>
    public IReadOnlyList<string> QemuArguments { get; init; } = [];

    /// <summary>Whether QEMU waits for gdb on port 1234.</summary>
    public bool WaitForDebugger { get; init; }

    /// <summary>After how many seconds the machine is stopped.</summary>
    public double? TimeoutSeconds { get; init; }

    /// <summary>These settings, with the gaps filled from a lower layer.</summary>
    public MachineSettings Over(MachineSettings lower) => new()
    {
        Arch = Arch ?? lower.Arch,
        Codegen = Codegen ?? lower.Codegen,
        Configuration = Configuration ?? lower.Configuration,
        Kernel = Kernel ?? lower.Kernel,
        Image = Image ?? lower.Image,
        Boot = Boot ?? lower.Boot,
        Cpus = Cpus ?? lower.Cpus,
        Memory = Memory ?? lower.Memory,
        Network = Network ?? lower.Network,
        Machine = Machine ?? lower.Machine,
        Console = Console ?? lower.Console,
        Iommu = Iommu ?? lower.Iommu,
        Initramfs = Initramfs ?? lower.Initramfs,
        Userland = Userland ?? lower.Userland,
        Qemu = Qemu ?? lower.Qemu,
        KernelArguments = [.. lower.KernelArguments, .. KernelArguments],
        InitArguments = InitArguments.Count > 0 ? InitArguments : lower.InitArguments,
        Disks = [.. lower.Disks, .. Disks],
        QemuArguments = [.. lower.QemuArguments, .. QemuArguments],
        WaitForDebugger = WaitForDebugger || lower.WaitForDebugger,
        TimeoutSeconds = TimeoutSeconds ?? lower.TimeoutSeconds,
    };
}
