// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;

namespace Asterion.Osdk.Images;

/// <summary>Decides whether a made file is older than what it is made from.</summary>
internal static class Freshness
{
    /// <summary>True when the target is missing or older than one of the sources (files, or folders with everything in them).</summary>
    public static bool IsOutdated(string target, IEnumerable<string> sources, Func<string, bool>? skipDirectory = null)
    {
        if (!File.Exists(target))
        {
            return true;
        }
        DateTime made = File.GetLastWriteTimeUtc(target);
        foreach (string source in sources)
        {
            if (Directory.Exists(source) ? IsNewer(new DirectoryInfo(source), made, skipDirectory) : File.GetLastWriteTimeUtc(source) > made)
            {
                return true;
            }
        }
        return false;
    }

    private static bool IsNewer(DirectoryInfo directory, DateTime made, Func<string, bool>? skip)
    {
        // The folder's own time changes when a file is added or removed.
        if (directory.LastWriteTimeUtc > made)
        {
            return true;
        }
        foreach (FileSystemInfo entry in directory.EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo child)
            {
                if (skip?.Invoke(child.Name) != true && IsNewer(child, made, skip))
                {
                    return true;
                }
            }
            else if (entry.LastWriteTimeUtc > made)
            {
                return true;
            }
        }
        return false;
    }
}
