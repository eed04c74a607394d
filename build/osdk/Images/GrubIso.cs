// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Images;

/// <summary>Makes a CD image that boots a kernel through GRUB, the way a machine without <c>qemu -kernel</c> boots it.</summary>
internal static class GrubIso
{
    /// <summary>Writes an image for the machines of this process, which it takes away at its end.</summary>
    /// <returns>Its path.</returns>
    public static string Make(string kernel, bool isLinux, string initramfs, string commandLine)
    {
        DebianPackages.Require(("grub-mkrescue", "grub-common"), ("xorriso", "xorriso"), ("mformat", "mtools"), ("/usr/lib/grub/i386-pc/modinfo.sh", "grub-pc-bin"));
        string tree = Path.Combine(Repository.Out, $"iso-{Environment.ProcessId}");
        Directory.CreateDirectory(Path.Combine(tree, "boot", "grub"));
        File.Copy(kernel, Path.Combine(tree, "boot", "kernel"));
        bool hasInitramfs = initramfs.Length > 0;
        if (hasInitramfs)
        {
            File.Copy(initramfs, Path.Combine(tree, "boot", "initramfs"));
        }
        string load = isLinux
            ? $"linux /boot/kernel {commandLine}\ninitrd /boot/initramfs\n"
            : $"multiboot2 /boot/kernel {commandLine}\n" + (hasInitramfs ? "module2 --nounzip /boot/initramfs\n" : "");
        // No menu and no terminal output: the serial line belongs to the kernel. An error then shows on GRUB's VGA console.
        File.WriteAllText(Path.Combine(tree, "boot", "grub", "grub.cfg"), "set timeout=0\nset timeout_style=hidden\nmenuentry kernel {\n" + load + "}\n");
        string iso = tree + ".iso";
        AppDomain.CurrentDomain.ProcessExit += (_, _) => File.Delete(iso);
        try
        {
            Tool.Run("Making the GRUB image", $"grub-iso-{Environment.ProcessId}.log", "grub-mkrescue", ["-o", iso, tree]);
        }
        finally
        {
            Directory.Delete(tree, recursive: true);
        }
        return iso;
    }
}
