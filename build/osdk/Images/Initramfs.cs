// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Linq;
using Asterion.Osdk.Host;
using Asterion.Osdk.Machine;

namespace Asterion.Osdk.Images;

/// <summary>
/// Makes the initial file system: Debian's <c>busybox-static</c> untouched (<see cref="Busybox"/>), a link per applet, our <c>/init</c> and the files of
/// <c>build/rootfs</c>; or the programs of <c>build/userland</c> in the place of busybox and the script <c>/init</c>. What differs from boot to boot (a command, tests) is a second archive behind the first:
/// the kernel unpacks both.
/// </summary>
internal static class Initramfs
{
    private const int Executable = 0b111_101_101;
    private const string InitProgram = "init";

    // A program that does what its name says.
    private const string ToolProgram = "tools";

    private static readonly string[] s_freePrograms = [InitProgram, "step", "shell", ToolProgram];
    private static readonly string[] s_tools = ["cat", "echo", "ls", "uname"];

    private static readonly string[] s_folders = ["bin", "sbin", "usr", "usr/bin", "usr/sbin", "dev", "etc", "home", "mnt", "proc", "root", "run", "sys", "tmp", "var", "var/log"];

    /// <summary>Whether a folder is in each initial file system that is made here, with attributes of its own.</summary>
    public static bool HasFolder(string path) => s_folders.Contains(path.TrimStart('/'));

    /// <summary>Brings <c>out/initramfs.cpio.gz</c>, or another architecture's, up to date.</summary>
    /// <param name="settings">Architecture and userland.</param>
    /// <returns>Its path.</returns>
    public static string Make(MachineSettings settings)
    {
        using var turn = BuildLock.Enter();
        string arch = settings.Arch!;
        string[] programs = settings.HasShell ? [Busybox.Get(arch)] : [.. s_freePrograms.Select(name => FreePrograms.Compile(name, arch, Path.Combine(FreePrograms.Userland, name + ".c")))];
        string files = Repository.File("build", "rootfs");
        string archive = Path.Combine(Repository.Out, "initramfs" + (arch == "x64" ? "" : "-" + arch) + (settings.HasShell ? "" : "-" + settings.Userland) + ".cpio.gz");
        if (!Freshness.IsOutdated(archive, [files, .. programs, typeof(Initramfs).Assembly.Location]))
        {
            return archive;
        }
        string unfinished = archive + ".new";
        using (var output = new GZipStream(File.Create(unfinished), CompressionLevel.SmallestSize))
        using (var cpio = new CpioWriter(output))
        {
            if (settings.HasShell)
            {
                WriteWithBusybox(cpio, arch, programs[0], files);
            }
            else
            {
                WriteFree(cpio, programs, files);
            }
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

    private static void WriteWithBusybox(CpioWriter cpio, string arch, string busybox, string files)
    {
        var applets = new SortedSet<string>(Busybox.Applets(arch, busybox), StringComparer.Ordinal);
        applets.Remove("bin/busybox");
        WriteFolders(cpio, applets.Select(applet => Path.GetDirectoryName(applet) ?? ""));
        cpio.AddFile("bin/busybox", File.ReadAllBytes(busybox), Executable);
        foreach (string applet in applets)
        {
            cpio.AddSymbolicLink(applet, "/bin/busybox");
        }
        foreach (string file in Directory.GetFiles(files, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(files, file);
            bool isExecutable = File.GetUnixFileMode(file).HasFlag(UnixFileMode.UserExecute);
            cpio.AddFile(path, File.ReadAllBytes(file), isExecutable ? Executable : 0b110_100_100);
        }
    }

    private static void WriteFree(CpioWriter cpio, string[] programs, string files)
    {
        WriteFolders(cpio, []);
        foreach (string program in programs)
        {
            string name = Path.GetFileName(program);
            cpio.AddFile(name == InitProgram ? name : "bin/" + name, File.ReadAllBytes(program), Executable);
        }
        foreach (string tool in s_tools)
        {
            cpio.AddSymbolicLink("bin/" + tool, ToolProgram);
        }
        foreach (string name in (string[])["group", "hostname", "hosts", "passwd"])
        {
            cpio.AddFile("etc/" + name, File.ReadAllBytes(Path.Combine(files, "etc", name)));
        }
    }

    // The tree, with folders for the programs, and the devices that init has before it mounts anything.
    private static void WriteFolders(CpioWriter cpio, IEnumerable<string> folders)
    {
        var directories = new SortedSet<string>(folders.Concat(s_folders), StringComparer.Ordinal);
        directories.Remove("");
        foreach (string directory in directories)
        {
            cpio.AddDirectory(directory, directory is "tmp" ? 0b1_111_111_111 : directory is "root" ? 0b111_000_000 : directory is "proc" or "sys" ? 0b101_101_101 : 0b111_101_101);
        }
        // init's standard streams are opened from here before anything is mounted (as in Linux's built-in default archive).
        cpio.AddCharacterDevice("dev/console", 5, 1, 0b110_000_000);
        cpio.AddCharacterDevice("dev/null", 1, 3, 0b110_110_110);
    }
}
