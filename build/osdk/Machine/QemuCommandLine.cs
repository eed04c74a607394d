// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using Asterion.Osdk.Images;

namespace Asterion.Osdk.Machine;

/// <summary>Turns settings into QEMU's command line.</summary>
internal static class QemuCommandLine
{
    /// <summary>A PC's exit device: a write of <c>n</c> to this port ends QEMU with status <c>2n + 1</c>. RISC-V's machine has one of its own, which the kernel uses alike; for LoongArch's see <see cref="PowerOffCode"/>.</summary>
    private const string DebugExit = "isa-debug-exit,iobase=0xf4,iosize=0x04";

    /// <summary>What stands behind the file of a disk that the guest cannot write.</summary>
    private const string ReadOnlyMark = ",readonly";

    /// <summary>What stands behind the name of a virtio device behind an IOMMU: its addresses are translated only if it says so (VIRTIO_F_ACCESS_PLATFORM), which none with the old interface does.</summary>
    public const string BehindIommu = ",iommu_platform=on,disable-legacy=on";

    /// <summary>What stands behind the name of a virtio device of the machine.</summary>
    public static string VirtioOptions(MachineSettings settings) => settings.Iommu == true ? BehindIommu : "";

    /// <summary>Virtual time, and the time-stamp counter with it, advances by one nanosecond with each guest instruction.</summary>
    public static IReadOnlyList<string> CountInstructions { get; } = ["-icount", "shift=0,sleep=off"];

    /// <summary>The arguments, without the program's name.</summary>
    /// <param name="settings">Complete settings.</param>
    /// <param name="kernel">The kernel's file.</param>
    /// <param name="initramfs">The initial file system; empty for none.</param>
    /// <param name="environment">Words for init's environment, <c>NAME=value</c>.</param>
    /// <param name="interactive">Whether a person sits at the serial line.</param>
    public static List<string> Build(MachineSettings settings, string kernel, string initramfs, IEnumerable<string> environment, bool interactive)
    {
        bool isLinux = settings.Kernel == "linux";
        bool isPc = settings.Arch == "x64";
        bool isMicro = isPc && settings.Machine == "microvm";
        bool isRiscV = settings.Arch == "riscv64";
        bool isLoongArch = settings.Arch == "loongarch64";
        bool hasIommu = settings.Iommu == true;
        string behind = VirtioOptions(settings);
        bool isVirtioConsole = settings.Console == "hvc0";
        if (isMicro && (settings.Boot != "pvh" || settings.Cpus > 1))
        {
            throw new OsdkException("a microvm has one CPU here, and QEMU loads its kernel (--smp 1 --boot pvh)");
        }
        if ((isMicro || !isPc) && hasIommu)
        {
            throw new OsdkException($"a machine of the kind {(isMicro ? "microvm" : settings.Arch)} has no IOMMU");
        }
        if (!isPc && (isLinux || settings.Boot != "pvh"))
        {
            throw new OsdkException("only Asterion's kernel boots there, and QEMU loads it");
        }
        string commandLine = KernelCommandLine(settings, isLinux, environment);
        List<string> arguments =
        [
            // With KVM the kernel's own interrupt controllers cannot be behind the IOMMU; QEMU's emulation does not care.
            // A microvm has no PCI: its virtio devices are at addresses that QEMU adds to the kernel's command line.
            // The other architectures' machine is called virt; it has a device tree. RISC-V's firmware is OpenSBI; on LoongArch QEMU itself loads the kernel.
            .. isMicro ? (string[])["-machine", "microvm,acpi=off,isa-serial=on", "-global", "virtio-mmio.force-legacy=false", "-cpu", "max"]
                : isPc ? ["-machine", hasIommu ? "q35,kernel-irqchip=split" : "q35", "-cpu", "max"]
                : isRiscV ? ["-machine", "virt", "-bios", "default", "-global", "virtio-mmio.force-legacy=false"]
                : ["-machine", "virt"],
            "-smp", (settings.Cpus ?? 1).ToString(CultureInfo.InvariantCulture), "-m", settings.Memory ?? "1G",
            "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-rtc", "base=utc",
            // Ctrl-C and the like are the guest's (signal=off). With a person there, Ctrl-] is the way out: "Ctrl-] x" ends QEMU.
            "-chardev", interactive || isVirtioConsole ? "stdio,id=console,signal=off,mux=on" : "stdio,id=console,signal=off",
            "-serial", "chardev:console", .. isPc ? (string[])["-device", DebugExit] : [],
        ];
        if (hasIommu)
        {
            // Before the devices that are to be behind it.
            arguments.AddRange(["-device", "intel-iommu,intremap=on,eim=off"]);
        }
        if (interactive)
        {
            arguments.AddRange(["-echr", "0x1d"]);
        }
        string bus = isMicro || isRiscV ? "device" : "pci";
        if (isVirtioConsole)
        {
            // It shares the terminal with the serial line, where the kernel's own messages go. What is typed goes to the last one attached.
            arguments.AddRange(["-device", $"virtio-serial-{bus}{behind}", "-device", "virtconsole,chardev=console"]);
        }
        if (settings.Boot == "grub-iso")
        {
            arguments.AddRange(["-vga", "std", "-cdrom", GrubIso.Make(kernel, isLinux, initramfs, commandLine)]);
        }
        else
        {
            // QEMU 7.2 hands neither the command line nor the initial file system to a LoongArch kernel: they are files of its firmware configuration device. In QEMU's option syntax a comma in a value is written twice.
            arguments.AddRange(["-kernel", kernel, .. isLoongArch ? (string[])["-fw_cfg", $"name=opt/cmdline,string={commandLine.Replace(",", ",,")}"] : ["-append", commandLine]]);
            if (initramfs.Length > 0)
            {
                arguments.AddRange(isLoongArch ? ["-fw_cfg", $"name=opt/initrd,file={initramfs.Replace(",", ",,")}"] : ["-initrd", initramfs]);
            }
        }
        foreach ((int index, string disk) in settings.Disks.Index())
        {
            bool isReadOnly = disk.EndsWith(ReadOnlyMark, StringComparison.Ordinal);
            string file = isReadOnly ? disk[..^ReadOnlyMark.Length] : disk;
            arguments.AddRange(["-drive", $"file={file.Replace(",", ",,")},if=none,format=raw,id=disk{index}{(isReadOnly ? ",readonly=on" : "")}", "-device", $"virtio-blk-{bus},drive=disk{index}{behind}"]);
        }
        if (settings.Network == "user")
        {
            arguments.AddRange(["-netdev", "user,id=net0", "-device", $"virtio-net-{bus},netdev=net0{behind}"]);
        }
        if (settings.WaitForDebugger)
        {
            arguments.AddRange(["-gdb", "tcp::1234", "-S"]);
        }
        arguments.AddRange(settings.QemuArguments);
        return arguments;
    }

    private static string KernelCommandLine(MachineSettings settings, bool isLinux, IEnumerable<string> environment)
    {
        // "quiet" keeps the kernel's log off the console, which belongs to the user; a panic still shows. On a panic Linux waits for ever
        // unless told to restart, and -no-reboot turns that into the end of QEMU.
        List<string> words = ["console=" + (settings.Console ?? "ttyS0"), "quiet", "loglevel=0"];
        if (isLinux)
        {
            words.AddRange(["panic=-1", "random.trust_cpu=on"]);
        }
        if (settings.Iommu == true)
        {
            words.Add("intel_iommu=on");
        }
        words.AddRange(environment);
        words.AddRange(settings.KernelArguments);
        if (settings.InitArguments.Count > 0)
        {
            words.Add("--");
            words.AddRange(settings.InitArguments);
        }
        return string.Join(' ', words);
    }
}
