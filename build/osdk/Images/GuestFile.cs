// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;

namespace Asterion.Osdk.Images;

/// <summary>A file of the host that a person puts into the initial file system.</summary>
/// <param name="HostPath">Where it is.</param>
/// <param name="GuestPath">Where the guest finds it, from the root.</param>
internal sealed record GuestFile(string HostPath, string GuestPath)
{
    private const string Separator = "=/";

    /// <summary>Takes <c>HOST</c> or <c>HOST=/PATH</c> apart. Commands begin in <c>/root</c>: that is where a file goes for which nothing else is said.</summary>
    /// <exception cref="OsdkException">There is no such file.</exception>
    public static GuestFile Parse(string text)
    {
        int separator = text.LastIndexOf(Separator, StringComparison.Ordinal);
        string host = separator > 0 ? text[..separator] : text;
        if (!File.Exists(host))
        {
            throw new OsdkException($"no such file: {host}");
        }
        return new GuestFile(host, separator > 0 ? text[(separator + 1)..] : "/root/" + Path.GetFileName(host));
    }

    /// <summary>Adds files with the folders that lead to them; a file that can be executed here can be executed there.</summary>
    public static void AddAll(CpioWriter cpio, IEnumerable<GuestFile> files)
    {
        foreach (GuestFile file in files)
        {
            for (int slash = file.GuestPath.IndexOf('/', 1); slash > 0; slash = file.GuestPath.IndexOf('/', slash + 1))
            {
                string folder = file.GuestPath[..slash];
                if (!Initramfs.HasFolder(folder))
                {
                    cpio.AddDirectory(folder);
                }
            }
            bool isExecutable = File.GetUnixFileMode(file.HostPath).HasFlag(UnixFileMode.UserExecute);
            cpio.AddFile(file.GuestPath, File.ReadAllBytes(file.HostPath), isExecutable ? 0b111_101_101 : 0b110_100_100);
        }
    }
}
