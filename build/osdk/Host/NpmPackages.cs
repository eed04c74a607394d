// SPDX-License-Identifier: MPL-2.0

using System;
using System.Formats.Tar;
using System.IO;
using System.IO.Compression;
using System.Linq;
using System.Security.Cryptography;

namespace Asterion.Osdk.Host;

/// <summary>Packages of npm: programs that only serve as material. They come from the registry that npm is configured for; which bytes they are is written in this repository.</summary>
internal static class NpmPackages
{
    private const string IntegrityAlgorithm = "sha512-";

    /// <summary>Downloads a package and unpacks it below <c>out/downloads</c>, without installing it or anything that it depends on.</summary>
    /// <param name="package">Its name, with the scope.</param>
    /// <param name="version">The exact version.</param>
    /// <param name="integrity">The hash of its archive as the registry and lock files write it (W3C, Subresource Integrity).</param>
    /// <returns>The folder with its files.</returns>
    /// <exception cref="OsdkException">npm failed, or the archive is not the one that was asked for.</exception>
    public static string Unpack(string package, string version, string integrity)
    {
        using var turn = BuildLock.Enter();
        string name = $"npm-{package.TrimStart('@').Replace('/', '-')}-{version}";
        string folder = Path.Combine(Repository.Downloads, name);
        if (Directory.Exists(folder))
        {
            return folder;
        }
        DebianPackages.Require(("npm", "npm"));
        string scratch = folder + ".new";
        if (Directory.Exists(scratch))
        {
            Directory.Delete(scratch, recursive: true);
        }
        Directory.CreateDirectory(scratch);
        Tool.Run($"Downloading npm's {package}", $"{name}.log", "npm", ["pack", $"{package}@{version}", "--pack-destination", scratch, "--ignore-scripts"]);
        string archive = Directory.GetFiles(scratch, "*.tgz").Single();
        Verify(archive, integrity);
        using (var unpacked = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress))
        {
            TarFile.ExtractToDirectory(unpacked, scratch, overwriteFiles: false);
        }
        // Everything in the archive stands below one folder of this name. With it in place the work is done.
        Directory.Move(Path.Combine(scratch, "package"), folder);
        Directory.Delete(scratch, recursive: true);
        return folder;
    }

    private static void Verify(string archive, string integrity)
    {
        using FileStream file = File.OpenRead(archive);
        if (integrity != IntegrityAlgorithm + Convert.ToBase64String(SHA512.HashData(file)))
        {
            throw new OsdkException($"{archive} is not the archive that was asked for: its hash is another one");
        }
    }
}
