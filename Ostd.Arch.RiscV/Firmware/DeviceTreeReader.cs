// SPDX-License-Identifier: MPL-2.0
using System;
using System.Buffers.Binary;
using System.Collections.Generic;

namespace Ostd.Arch.Firmware;

/// <summary>A node of the device tree.</summary>
/// <param name="name">Its name, unit address included.</param>
/// <param name="parent">The node that it is in; null for the root.</param>
internal sealed class DeviceTreeNode(string name, DeviceTreeNode? parent)
{
    private readonly Dictionary<string, byte[]> _properties = [];
    private readonly List<DeviceTreeNode> _children = [];

    /// <summary>Name and unit address.</summary>
    public string Name { get; } = name;

    /// <summary>The node that it is in.</summary>
    public DeviceTreeNode? Parent { get; } = parent;

    /// <summary>The nodes in it, in the tree's order.</summary>
    public IReadOnlyList<DeviceTreeNode> Children => _children;

    /// <summary>The value of a property; empty when it has none, or an empty one.</summary>
    public ReadOnlySpan<byte> Get(string property) => _properties.GetValueOrDefault(property);

    /// <summary>The node has the property.</summary>
    public bool Has(string property) => _properties.ContainsKey(property);

    /// <summary>A word of a property's value; 0 past its end.</summary>
    public uint GetWord(string property, int index = 0)
    {
        ReadOnlySpan<byte> value = Get(property);
        return value.Length >= (index + 1) * 4 ? BinaryPrimitives.ReadUInt32BigEndian(value[(index * 4)..]) : 0;
    }

    /// <summary>A number of one or two words, as long as the value is.</summary>
    public ulong GetNumber(string property) => Get(property).Length >= 8 ? (ulong)GetWord(property) << 32 | GetWord(property, 1) : GetWord(property);

    /// <summary>The text of a property, without what follows a zero.</summary>
    public string GetText(string property)
    {
        ReadOnlySpan<byte> value = Get(property);
        int end = value.IndexOf((byte)0);
        return System.Text.Encoding.ASCII.GetString(end < 0 ? value : value[..end]);
    }

    /// <summary>A device that one of the names is for (Devicetree Specification 0.4, section 2.3.1).</summary>
    public bool IsCompatible(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> list = Get("compatible");
        while (!list.IsEmpty)
        {
            int end = list.IndexOf((byte)0);
            if ((end < 0 ? list : list[..end]).SequenceEqual(name))
            {
                return true;
            }

            list = end < 0 ? [] : list[(end + 1)..];
        }

        return false;
    }

    /// <summary>A range of <c>reg</c>. Buses that translate addresses do not occur on the path of what the kernel looks for.</summary>
    /// <returns>False when there is none of this number.</returns>
    public bool TryGetRange(int index, out ulong start, out ulong length)
    {
        int addressCells = Parent is { } bus && bus.Has("#address-cells") ? (int)bus.GetWord("#address-cells") : 2;
        int sizeCells = Parent is { } sizes && sizes.Has("#size-cells") ? (int)sizes.GetWord("#size-cells") : 1;
        int first = index * (addressCells + sizeCells);
        start = Cells(first, addressCells);
        length = Cells(first + addressCells, sizeCells);
        return Get("reg").Length >= (first + addressCells + sizeCells) * 4;
    }

    internal void Add(string property, byte[] value) => _properties[property] = value;

    internal DeviceTreeNode AddChild(string name)
    {
        var child = new DeviceTreeNode(name, this);
        _children.Add(child);
        return child;
    }

    private ulong Cells(int first, int count)
    {
        ulong value = 0;
        for (int i = 0; i < count; i++)
        {
            value = value << 32 | GetWord("reg", first + i);
        }

        return value;
    }
}

/// <summary>Reads a flattened device tree (Devicetree Specification 0.4, chapter 5).</summary>
internal static class DeviceTreeReader
{
    private const uint Magic = 0xd00d_feed;
    private const uint BeginNode = 1;
    private const uint EndNode = 2;
    private const uint Property = 3;
    private const uint Nop = 4;
    private const int HeaderLength = 40;

    /// <summary>Length of a tree, from its header; 0 when it is none.</summary>
    public static int LengthOf(ReadOnlySpan<byte> header) =>
        header.Length >= HeaderLength && Word(header, 0) == Magic ? (int)Math.Min(Word(header, 4), int.MaxValue) : 0;

    /// <summary>Reads a whole tree.</summary>
    /// <returns>Its root, without children where the tree is broken.</returns>
    public static DeviceTreeNode Read(ReadOnlySpan<byte> tree)
    {
        var root = new DeviceTreeNode("", null);
        if (LengthOf(tree) != tree.Length || tree.Length == 0)
        {
            return root;
        }

        int offset = (int)Word(tree, 8);
        int strings = (int)Word(tree, 12);
        DeviceTreeNode? node = null;
        while (offset >= 0 && offset + 4 <= tree.Length)
        {
            uint token = Word(tree, offset);
            offset += 4;
            switch (token)
            {
                case BeginNode:
                    string name = Text(tree, offset);
                    offset = Align(offset + name.Length + 1);
                    node = node is null ? root : node.AddChild(name);
                    break;
                case EndNode when node is not null:
                    node = node.Parent;
                    if (node is null)
                    {
                        return root;
                    }

                    break;
                case Property when node is not null && offset + 8 <= tree.Length:
                    int length = (int)Word(tree, offset);
                    string property = Text(tree, strings + (int)Word(tree, offset + 4));
                    offset += 8;
                    if (length < 0 || length > tree.Length - offset)
                    {
                        return root;
                    }

                    node.Add(property, tree.Slice(offset, length).ToArray());
                    offset = Align(offset + length);
                    break;
                case Nop:
                    break;
                default:
                    return root;
            }
        }

        return root;
    }

    private static int Align(int offset) => (offset + 3) & ~3;

    private static uint Word(ReadOnlySpan<byte> tree, int offset) => BinaryPrimitives.ReadUInt32BigEndian(tree[offset..]);

    private static string Text(ReadOnlySpan<byte> tree, int offset)
    {
        ReadOnlySpan<byte> rest = tree[Math.Clamp(offset, 0, tree.Length)..];
        int end = rest.IndexOf((byte)0);
        return System.Text.Encoding.ASCII.GetString(end < 0 ? rest : rest[..end]);
    }
}
