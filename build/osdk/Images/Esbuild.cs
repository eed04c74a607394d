// SPDX-License-Identifier: MPL-2.0

using System;
using System.IO;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Images;

/// <summary>esbuild, a real static program of some size: written in Go, whose runtime uses the system calls without a C library, and built by its authors for each architecture.</summary>
internal static class Esbuild
{
    private const string Version = "0.28.2";

    /// <summary>The path of the program for an architecture, downloaded if need be.</summary>
    /// <param name="arch">x64, riscv64 or loongarch64.</param>
    public static string Get(string arch)
    {
        (string package, string integrity) = arch switch
        {
            "x64" => ("@esbuild/linux-x64", "sha512-4xTZr1FUmSoQW4XIWmit3tzQrUTZM+N3P0XV8xROKYF50XfI7xeO90+1bZvNwxIufQ9hDQVRJH5YhgPVF8A/HQ=="),
            "riscv64" => ("@esbuild/linux-riscv64", "sha512-GeXCej4IQtU1B+QlDV8W/RRvbzI3O/Stss+/bCXv4lZls5WGRtu2a+3JkA3i4qIUlMXpcHebWpF8AkJhATowuA=="),
            "loongarch64" => ("@esbuild/linux-loong64", "sha512-buwkd8nsph4R+ajRvw0qM5Hja/TXQow3ptzWO2EbG/cqcIkHloRrdlBtQlshyYGTNFvfkfJ5tpPLVkY4DtsPfQ=="),
            _ => throw new ArgumentOutOfRangeException(nameof(arch)),
        };
        return Path.Combine(NpmPackages.Unpack(package, Version, integrity), "bin", "esbuild");
    }
}
