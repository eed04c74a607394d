// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using Kernel.Abstractions.Composition;

namespace Kernel.Process.Boot;

/// <summary>
/// What of the kernel command line goes to init (man 7 bootparam): words after "--", and of the others those that the kernel does not know: <c>name=value</c> into the environment, a name alone into the
/// arguments. A name with a dot belongs to a part of the kernel.
/// </summary>
internal static class InitParameters
{
    /// <summary>Names that boot loaders and people give to any Linux kernel, and that init does not want.</summary>
    private static readonly string[] s_kernelNames =
    [
        "init", "rdinit", "console", "earlyprintk", "earlycon", "loglevel", "quiet", "debug", "ro", "rw", "root", "rootfstype", "rootflags", "rootwait", "initrd", "panic", "mem", "maxcpus", "nr_cpus", "nosmp",
        "noapic", "nolapic", "acpi", "reboot", "printk_time", "ignore_loglevel", "nokaslr", "mitigations", "tsc", "clocksource", "hostname", "BOOT_IMAGE",
    ];

    public static List<string> ArgumentsFrom(KernelCommandLine commandLine)
    {
        var words = new List<string>();
        foreach (var (name, value) in commandLine.Parameters)
        {
            if (value is null && IsUnknown(name))
                words.Add(name);
        }

        words.AddRange(commandLine.InitArguments);
        return words;
    }

    public static List<string> EnvironmentFrom(KernelCommandLine commandLine)
    {
        var variables = new List<string>();
        foreach (var (name, value) in commandLine.Parameters)
        {
            if (value is not null && IsUnknown(name))
                variables.Add(name + "=" + value);
        }

        return variables;
    }

    private static bool IsUnknown(string name)
    {
        if (name.Contains('.', StringComparison.Ordinal))
            return false;
        foreach (var known in s_kernelNames)
        {
            if (KernelCommandLine.NamesEqual(known, name))
                return false;
        }

        return true;
    }
}
