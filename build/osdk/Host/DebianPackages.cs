// SPDX-License-Identifier: MPL-2.0

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace Asterion.Osdk.Host;

/// <summary>Debian packages: installs those that are missing, and unpacks those that only serve as material.</summary>
internal static class DebianPackages
{
    /// <summary>Makes sure that each program or file exists, and installs the packages of those that don't.</summary>
    /// <param name="needs">Pairs of a program's name (or an absolute path) and the package that holds it.</param>
    public static void Require(params ReadOnlySpan<(string Program, string Package)> needs)
    {
        using var turn = BuildLock.Enter();
        var missing = new List<string>();
        foreach ((string program, string package) in needs)
        {
            if (!Exists(program) && !missing.Contains(package))
            {
                missing.Add(package);
            }
        }
        if (missing.Count > 0)
        {
            Install(missing);
        }
    }

    /// <summary>Downloads a package and unpacks it below <c>out/downloads</c>, without installing it.</summary>
    /// <returns>The folder that stands for the package's root.</returns>
    public static string Unpack(string package)
    {
        using var turn = BuildLock.Enter();
        string folder = Path.Combine(Repository.Downloads, package);
        string done = folder + ".unpacked";
        if (File.Exists(done))
        {
            return folder;
        }
        UpdateIndexIfEmpty(package);
        Directory.CreateDirectory(folder);
        // apt-get writes into the current folder and, as root, wants to drop to a user that may not write there: "-o" keeps it from trying.
        Tool.Run($"Downloading Debian's {package}", $"apt-{package}.log", "sh",
            ["-c", "cd \"$1\" && rm -f ./*.deb && apt-get -o APT::Sandbox::User=root download \"$2\" && dpkg-deb -x ./*.deb \"$3\" && rm ./*.deb", "sh", Repository.Downloads, package, folder]);
        File.WriteAllText(done, "");
        return folder;
    }

    /// <summary>Downloads a source package and unpacks it below <c>out/downloads</c>, with Debian's patches.</summary>
    /// <returns>The folder with the sources.</returns>
    public static string UnpackSource(string package)
    {
        using var turn = BuildLock.Enter();
        string folder = Path.Combine(Repository.Downloads, package + "-source");
        string done = folder + ".unpacked";
        if (File.Exists(done))
        {
            return folder;
        }
        // An index of its own, from the mirror that the machine's packages come from: few machines have source packages in theirs, and theirs is left alone.
        Tool.Run($"Downloading the source of Debian's {package}", $"apt-source-{package}.log", "sh",
            ["-ec", """
                cd "$1"
                rm -rf "$2-source" apt-source
                mkdir -p apt-source/lists/partial apt-source/cache/archives/partial
                . /etc/os-release
                mirror=$(apt-get indextargets --format '$(LABEL) $(RELEASE) $(REPO_URI)' | sed -n "s/^Debian $VERSION_CODENAME //p" | head -n 1)
                [ -n "$mirror" ] || { echo "apt-get knows no mirror of Debian $VERSION_CODENAME" >&2; exit 1; }
                echo "deb-src $mirror $VERSION_CODENAME main" > apt-source/sources.list
                apt() { apt-get -o Dir::Etc::sourcelist="$PWD/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$PWD/lists" -o Dir::Cache="$PWD/cache" -o APT::Sandbox::User=root "$@"; }
                cd apt-source
                apt update
                apt source --download-only "$2"
                dpkg-source --no-copy -x "$2"_*.dsc "../$2-source"
                cd ..
                rm -rf apt-source
                """, "sh", Repository.Downloads, package]);
        File.WriteAllText(done, "");
        return folder;
    }

    /// <summary>The first package that a (meta) package depends on.</summary>
    public static string FirstDependency(string package)
    {
        UpdateIndexIfEmpty(package);
        foreach (string line in Tool.Read("apt-cache", "depends", package).Split('\n'))
        {
            int at = line.IndexOf("Depends: ", StringComparison.Ordinal);
            if (at >= 0)
            {
                return line[(at + "Depends: ".Length)..].Trim();
            }
        }
        throw new OsdkException($"Debian's package {package} depends on nothing; is the package index complete?");
    }

    private static bool Exists(string program)
    {
        if (Path.IsPathRooted(program))
        {
            return File.Exists(program);
        }
        string path = Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin:/sbin";
        return path.Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
    }

    private static void UpdateIndexIfEmpty(string package)
    {
        if (Tool.Read("apt-cache", "search", "--names-only", $"^{package}$").Length == 0)
        {
            AptGet("Reading Debian's package index", "update");
        }
    }

    private static void Install(List<string> packages)
    {
        AptGet("Reading Debian's package index", "update");
        AptGet("Installing " + string.Join(", ", packages), ["install", "-y", "--no-install-recommends", .. packages]);
    }

    private static void AptGet(string title, params string[] arguments)
    {
        if (Environment.UserName == "root")
        {
            Tool.Run(title, "apt.log", "env", ["DEBIAN_FRONTEND=noninteractive", "apt-get", .. arguments]);
        }
        else if (Exists("sudo"))
        {
            Tool.Run(title, "apt.log", "sudo", ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", .. arguments]);
        }
        else
        {
            throw new OsdkException($"neither root nor sudo: please run as root: apt-get {string.Join(' ', arguments)}");
        }
    }
}
