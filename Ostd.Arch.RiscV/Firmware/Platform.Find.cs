// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Ostd.Arch.Firmware;

/// <content>The tree, and how nodes are found in it.</content>
internal static partial class Platform
{
    /// <summary>The whole tree.</summary>
    public static DeviceTreeNode Root { get; private set; } = new("", null);

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
