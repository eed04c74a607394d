// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;

namespace Kernel.Fs.Paths;

/// <summary>Writes places as absolute paths (getcwd, /proc).</summary>
internal static class AbsolutePath
{
    /// <summary>The path from a root to a place. A place that is not below the root shows from the top of its mount, as Linux shows it.</summary>
    /// <param name="isReachable">False when the root was not met on the way up.</param>
    public static byte[] Build(Place place, Place root, out bool isReachable)
    {
        var isDeleted = place.Entry.IsDeleted;
        var names = new List<byte[]>();
        var length = 0;
        while (true)
        {
            if (place == root)
            {
                isReachable = true;
                break;
            }

            // Parent and name are read together: a rename may come between two reads.
            var location = place.Entry.Location;
            if (ReferenceEquals(place.Entry, place.Mount.Root) || location.Parent is not { } parent)
            {
                if (place.Mount.Attachment is not { } attachment)
                {
                    isReachable = false;
                    break;
                }

                place = attachment;
                continue;
            }

            names.Add(location.Name);
            length += location.Name.Length + 1;
            place = place with { Entry = parent };
        }

        if (names.Count == 0)
        {
            names.Add([]);
            length = 1;
        }

        return Join(names, length, isDeleted ? " (deleted)"u8 : default);
    }

    /// <summary>The path from the root of the file system to an entry, mounts aside.</summary>
    public static byte[] BuildInFileSystem(Dentries.Dentry entry)
    {
        var names = new List<byte[]>();
        var length = 0;
        for (var location = entry.Location; location.Parent is { } parent; location = parent.Location)
        {
            names.Add(location.Name);
            length += location.Name.Length + 1;
        }

        if (names.Count == 0)
        {
            names.Add([]);
            length = 1;
        }

        return Join(names, length, default);
    }

    private static byte[] Join(List<byte[]> names, int length, ReadOnlySpan<byte> suffix)
    {
        var path = new byte[length + suffix.Length];
        var position = 0;
        for (var i = names.Count - 1; i >= 0; i--)
        {
            path[position++] = (byte)'/';
            names[i].CopyTo(path, position);
            position += names[i].Length;
        }

        suffix.CopyTo(path.AsSpan(position));
        return path;
    }
}
