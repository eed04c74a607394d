// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Images;

/// <summary>
/// Makes the initial file system: Debian's <c>busybox-static</c> untouched (<see cref="Busybox"/>), a link per applet, our <c>/init</c> and the files of
/// <c>build/rootfs</c>. What differs from boot to boot (a command, tests) is a second archive behind the first: the kernel unpacks both.
/// </summary>
internal static class Initramfs
{
    /// <summary>Brings <c>out/initramfs.cpio.gz</c>, or another architecture's, up to date.</summary>
    /// <param name="arch">x64 or riscv64.</param>
    /// <returns>Its path.</returns>
    public static string Make(string arch = "x64")
    {
        using var turn = BuildLock.Enter();
        string busybox = Busybox.Get(arch);
        string files = Repository.File("build", "rootfs");
        string archive = Path.Combine(Repository.Out, arch == "x64" ? "initramfs.cpio.gz" : $"initramfs-{arch}.cpio.gz");
        if (!Freshness.IsOutdated(archive, [files, busybox, typeof(Initramfs).Assembly.Location]))
        {
            return archive;
        }
        string unfinished = archive + ".new";
        using (var output = new GZipStream(File.Create(unfinished), CompressionLevel.SmallestSize))
        using (var cpio = new CpioWriter(output))
        {
            WriteBase(cpio, arch, busybox, files);
        }
        File.Move(unfinished, archive, overwrite: true);
        return archive;
    }

    /// <summary>Puts a second archive behind the base one.</summary>
    /// <param name="baseArchive">The archive to begin with.</param>
    /// <param name="name">Name of the file to make below <c>out/</c>.</param>
    /// <param name="add">Adds the entries.</param>
    public static string Extend(string baseArchive, string name, Action<CpioWriter> add)
    {
        string path = Path.Combine(Repository.Out, name);
        using FileStream output = File.Create(path);
        using (FileStream first = File.OpenRead(baseArchive))
        {
            first.CopyTo(output);
        }
        // Each archive starts at a multiple of 4 bytes; zeros in between are skipped ("initramfs buffer format").
        output.Write([0, 0, 0, 0], 0, (int)(-output.Position & 3));
        using var cpio = new CpioWriter(output);
        add(cpio);
        return path;
    }

    private static void WriteBase(CpioWriter cpio, string arch, string busybox, string files)
    {
        var directories = new SortedSet<string>(StringComparer.Ordinal)
        {
            "bin", "sbin", "usr", "usr/bin", "usr/sbin", "dev", "etc", "home", "mnt", "proc", "root", "run", "sys", "tmp", "var", "var/log",
        };
        var applets = new SortedSet<string>(Busybox.Applets(arch, busybox), StringComparer.Ordinal);
        applets.Remove("bin/busybox");
        foreach (string applet in applets)
        {
            directories.Add(Path.GetDirectoryName(applet) ?? "");
        }
        directories.Remove("");
        foreach (string directory in directories)
        {
            cpio.AddDirectory(directory, directory is "tmp" ? 0b1_111_111_111 : directory is "root" ? 0b111_000_000 : directory is "proc" or "sys" ? 0b101_101_101 : 0b111_101_101);
        }
        // init's standard streams are opened from here before anything is mounted (as in Linux's built-in default archive).
        cpio.AddCharacterDevice("dev/console", 5, 1, 0b110_000_000);
        cpio.AddCharacterDevice("dev/null", 1, 3, 0b110_110_110);
        cpio.AddFile("bin/busybox", File.ReadAllBytes(busybox), 0b111_101_101);
        foreach (string applet in applets)
        {
            cpio.AddSymbolicLink(applet, "/bin/busybox");
        }
        foreach (string file in Directory.GetFiles(files, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(files, file);
            bool isExecutable = File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);
            cpio.AddFile(path, File.ReadAllBytes(file), isExecutable ? 0b111_101_101 : 0b110_100_100);
        }
    }
}
