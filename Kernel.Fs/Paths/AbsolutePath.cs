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

            if (ReferenceEquals(place.Entry, place.Mount.Root) || place.Entry.Parent is not { } parent)
            {
                if (place.Mount.Parent is not { } parentMount)
                {
                    isReachable = false;
                    break;
                }

                place = new Place(parentMount, place.Mount.MountPoint!);
                continue;
            }

            var name = place.Entry.Location.Name;
            names.Add(name);
            length += name.Length + 1;
            place = place with { Entry = parent };
        }

        if (names.Count == 0)
        {
            names.Add([]);
            length = 1;
        }

        var suffix = isDeleted ? " (deleted)"u8 : default;
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
