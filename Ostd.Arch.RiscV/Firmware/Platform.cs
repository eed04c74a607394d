// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Ostd.Arch.Firmware;

/// <summary>What the kernel knows of the machine from the firmware's device tree.</summary>
internal static class Platform
{
    /// <summary>The whole tree.</summary>
    public static DeviceTreeNode Root { get; private set; } = new("", null);

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

    /// <summary>A node by the path from another one.</summary>
    public static DeviceTreeNode? Find(DeviceTreeNode node, string name)
    {
        foreach (DeviceTreeNode child in node.Children)
        {
            if (child.Name == name)
            {
                return child;
            }
        }

        return null;
    }

    /// <summary>All devices of a kind, in the tree's order.</summary>
    public static List<DeviceTreeNode> FindDevices(ReadOnlySpan<byte> compatible)
    {
        List<DeviceTreeNode> found = [];
        Collect(Root, compatible, found);
        return found;
    }

    /// <summary>The first device of a kind, and its registers.</summary>
    public static DeviceTreeNode? FindDevice(ReadOnlySpan<byte> compatible, out ulong start, out ulong length)
    {
        List<DeviceTreeNode> all = FindDevices(compatible);
        start = 0;
        length = 0;
        return all.Count != 0 && all[0].TryGetRange(0, out start, out length) ? all[0] : null;
    }

    private static void Collect(DeviceTreeNode node, ReadOnlySpan<byte> compatible, List<DeviceTreeNode> found)
    {
        if (node.IsCompatible(compatible))
        {
            found.Add(node);
        }

        foreach (DeviceTreeNode child in node.Children)
        {
            Collect(child, compatible, found);
        }
    }
}
