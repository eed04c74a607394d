// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;

namespace Asterion.Osdk.Benchmarks;

/// <summary>A part of a page below <c>docs/</c> that a benchmark rewrites: what stands between <c>&lt;!-- NAME --&gt;</c> and <c>&lt;!-- /NAME --&gt;</c>.</summary>
internal static class DocumentSection
{
    /// <summary>Puts a new text between the marks.</summary>
    /// <param name="page">File name below <c>docs/</c>.</param>
    /// <param name="name">The section's name.</param>
    /// <param name="text">Lines, the last one ended.</param>
    public static void Replace(string page, string name, string text)
    {
        string path = Repository.File("docs", page);
        string old = File.ReadAllText(path);
        string open = $"<!-- {name} -->\n";
        string close = $"<!-- /{name} -->\n";
        int start = old.IndexOf(open, StringComparison.Ordinal);
        int end = old.IndexOf(close, StringComparison.Ordinal);
        if (start < 0 || end < start)
        {
            throw new OsdkException($"docs/{page} has no section {name}");
        }
        File.WriteAllText(path, old[..(start + open.Length)] + text + old[end..]);
    }
}
