// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;

namespace Ostd.Arch.Firmware;

/// <summary>What the kernel knows of the machine from QEMU's device tree.</summary>
internal static partial class Platform
{
    /// <summary>The nodes of the CPUs, the one that booted first.</summary>
    public static List<DeviceTreeNode> Cpus { get; } = [];

    /// <summary>CPUID of the CPU that booted.</summary>
    public static uint BootCpu { get; private set; }

    /// <summary>Takes the tree over.</summary>
    public static void Initialize(DeviceTreeNode root, uint bootCpu)
    {
        Root = root;
        BootCpu = bootCpu;
        foreach (DeviceTreeNode node in Find(root, "cpus")?.Children ?? [])
        {
            if (node.GetText("device_type") == "cpu" && node.GetText("status") is "" or "okay")
            {
                Cpus.Insert(node.GetWord("reg") == bootCpu ? 0 : Cpus.Count, node);
            }
        }
    }
}
