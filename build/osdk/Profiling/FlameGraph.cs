// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Text;

namespace Asterion.Osdk.Profiling;

/// <summary>Draws folded stacks as a flame graph: each box is a method, as wide as the samples in which it was on the stack, above its caller.</summary>
internal sealed class FlameGraph
{
    private const double Width = 1200;
    private const int RowHeight = 17;
    private const int TitleHeight = 30;
    private const double NarrowestBox = 0.3;
    private const double CharacterWidth = 6.6;

    private readonly Node _root = new("all");

    /// <summary>Adds up the stacks.</summary>
    public FlameGraph(IEnumerable<KeyValuePair<string, int>> stacks)
    {
        foreach ((string stack, int count) in stacks)
        {
            Node node = _root;
            node.Count += count;
            foreach (string frame in stack.Split(';'))
            {
                node = node.Child(frame);
                node.Count += count;
            }
        }
    }

    /// <summary>The picture, as SVG. A box's title, which browsers show under the pointer, has its full name and its share.</summary>
    public string ToSvg(string title)
    {
        int height = TitleHeight + (_root.Depth + 1) * RowHeight;
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"monospace\" font-size=\"11\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"20\" font-size=\"14\">{WebUtility.HtmlEncode(title)}</text>\n");
        Draw(svg, _root, 0, Width, height - RowHeight);
        return svg.Append("</svg>\n").ToString();
    }

    private void Draw(StringBuilder svg, Node node, double x, double width, int y)
    {
        double share = 100.0 * node.Count / Math.Max(1, _root.Count);
        string name = WebUtility.HtmlEncode(node.Name);
        svg.Append(CultureInfo.InvariantCulture, $"<g><title>{name}: {node.Count} samples, {share:F2} %</title><rect x=\"{x:F1}\" y=\"{y}\" width=\"{width:F1}\" height=\"{RowHeight - 1}\" fill=\"{ColorOf(node.Name)}\"/>");
        int characters = (int)(width / CharacterWidth) - 1;
        if (characters >= 3)
        {
            string text = node.Name.Length <= characters ? node.Name : node.Name[..(characters - 1)] + "…";
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x + 3:F1}\" y=\"{y + 12}\">{WebUtility.HtmlEncode(text)}</text>");
        }
        svg.Append("</g>\n");
        double at = x;
        foreach (Node child in node.Children)
        {
            double childWidth = width * child.Count / Math.Max(1, node.Count);
            if (childWidth >= NarrowestBox)
            {
                Draw(svg, child, at, childWidth, y - RowHeight);
            }
            at += childWidth;
        }
    }

    // One hue for each layer; the shade tells neighbours apart.
    private static string ColorOf(string name)
    {
        int hue = name.Split(':')[0] switch
        {
            "Ostd.Runtime" => 0,
            "CoreLib" => 300,
            "Ostd.Core" or "Ostd.Arch" => 35,
            "[user]" or "all" => 90,
            string assembly when assembly.StartsWith("Kernel.", StringComparison.Ordinal) => 205,
            _ => 55,
        };
        int shade = name.Aggregate(7, (sum, c) => (sum * 31 + c) & 0xffff) % 15;
        return string.Create(CultureInfo.InvariantCulture, $"hsl({hue},70%,{62 + shade}%)");
    }

    private sealed class Node(string name)
    {
        private readonly SortedDictionary<string, Node> _children = new(StringComparer.Ordinal);

        public string Name { get; } = name;

        public int Count { get; set; }

        public IEnumerable<Node> Children => _children.Values;

        public int Depth => _children.Count == 0 ? 0 : 1 + _children.Values.Max(child => child.Depth);

        public Node Child(string name)
        {
            if (!_children.TryGetValue(name, out Node? child))
            {
                child = new Node(name);
                _children.Add(name, child);
            }
            return child;
        }
    }
}
