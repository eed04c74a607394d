// SPDX-License-Identifier: MPL-2.0

using System.IO;
using Asterion.Osdk.Host;

namespace Asterion.Osdk.Images;

/// <summary>Debian's own Linux kernel, unpacked and not installed: what Asterion's behaviour and speed are compared with.</summary>
internal static class LinuxKernel
{
    private const string MetaPackage = "linux-image-cloud-amd64";

    /// <summary>The path of its <c>vmlinuz</c>, downloaded if need be.</summary>
    public static string Get()
    {
        using var turn = BuildLock.Enter();
        string known = Path.Combine(Repository.Downloads, MetaPackage + ".path");
        if (File.Exists(known) && File.ReadAllText(known) is { Length: > 0 } path && File.Exists(path))
        {
            return path;
        }
        string root = DebianPackages.Unpack(DebianPackages.FirstDependency(MetaPackage));
        string[] kernels = Directory.GetFiles(Path.Combine(root, "boot"), "vmlinuz-*");
        if (kernels.Length != 1)
        {
            throw new OsdkException($"no single vmlinuz in {root}/boot");
        }
        File.WriteAllText(known, kernels[0]);
        return kernels[0];
    }
}
