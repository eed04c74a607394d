// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using System.Linq;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Images;

/// <summary>
/// A static busybox. For x86-64 it is Debian's <c>busybox-static</c>; for an architecture that Debian 12 does not have, the same source package and configuration, built with Debian's cross compiler. Kept below
/// <c>out/downloads</c>.
/// </summary>
internal static class Busybox
{
    private const string BinaryPackage = "busybox-static";
    private const string SourcePackage = "busybox";
    private const string Links = "busybox.links";

    /// <summary>The path of the program, downloaded or built if need be.</summary>
    /// <param name="arch">x64 or riscv64.</param>
    public static string Get(string arch)
    {
        using var turn = BuildLock.Enter();
        if (arch == "x64")
        {
            return Path.Combine(DebianPackages.Unpack(BinaryPackage), "bin", "busybox");
        }
        string folder = Path.Combine(Repository.Downloads, $"{SourcePackage}-{arch}");
        string program = Path.Combine(folder, "busybox");
        if (!File.Exists(program))
        {
            DebianPackages.Require(
                ("riscv64-linux-gnu-gcc", "gcc-riscv64-linux-gnu"), ("/usr/riscv64-linux-gnu/lib/libc.a", "libc6-dev-riscv64-cross"),
                ("make", "make"), ("gcc", "gcc"), ("dpkg-source", "dpkg-dev"), ("bzip2", "bzip2"), ("patch", "patch"));
            string source = DebianPackages.UnpackSource(SourcePackage);
            Directory.CreateDirectory(folder);
            // The configuration of busybox-static; what the cross compiler's headers offer anew is answered as the configuration's authors would by default.
            Tool.Run($"Building busybox for {arch}", $"busybox-{arch}.log", "sh",
                ["-ec", """
                    cd "$1"
                    make() { nice make ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu- "$@"; }
                    cp debian/config/pkg/static .config
                    yes "" | make oldconfig
                    make -j2 busybox busybox.links
                    cp busybox.links "$2/busybox.links"
                    cp busybox "$2/busybox.new"
                    mv "$2/busybox.new" "$2/busybox"
                    """, "sh", source, folder]);
        }
        return program;
    }

    /// <summary>The paths of its applets, without the leading slash.</summary>
    public static string[] Applets(string arch, string program)
    {
        // A program of another architecture cannot be asked.
        string list = arch == "x64" ? Tool.Read(program, "--list-full") : File.ReadAllText(Path.Combine(Path.GetDirectoryName(program)!, Links));
        return [.. list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => path.TrimStart('/'))];
    }
}
