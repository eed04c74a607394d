// SPDX-License-Identifier: MPL-2.0
using System.Collections.Generic;

namespace Ostd.Arch.Firmware;

/// <summary>What the kernel knows of the machine from the firmware's device tree.</summary>
internal static partial class Platform
{
    /// <summary>The nodes of the CPUs, the one that booted first.</summary>
    public static List<DeviceTreeNode> Cpus { get; } = [];

    /// <summary>Number of the hart that booted.</summary>
    public static uint BootHart { get; private set; }

    /// <summary>Physical address of QEMU's test device, by which a machine ends with a code; 0 without one.</summary>
    public static ulong TestDevice { get; private set; }

    /// <summary>Takes the tree over.</summary>
    public static void Initialize(DeviceTreeNode root, uint bootHart)
    {
        Root = root;
        BootHart = bootHart;
        foreach (DeviceTreeNode node in Find(root, "cpus")?.Children ?? [])
        {
            if (node.GetText("device_type") == "cpu" && node.GetText("status") is "" or "okay")
            {
                Cpus.Insert(node.GetWord("reg") == bootHart ? 0 : Cpus.Count, node);
            }
        }

        TestDevice = FindDevice("sifive,test0"u8, out ulong device, out _) is null ? 0 : device;
    }
}
