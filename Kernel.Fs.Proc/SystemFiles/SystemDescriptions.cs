// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Devices;

namespace Kernel.Fs.Proc.SystemFiles;

/// <summary>/proc/version: what uname(2) says, and whose kernel it is.</summary>
[PseudoFile("/proc/version", Stage = InitStage.Late)]
public sealed class VersionFile(ISystemIdentity identity) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(identity.SystemName).Append(" version ").Append(identity.Release).Append(" (Asterion) ").Append(identity.Version).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/cmdline: the kernel's command line.</summary>
[PseudoFile("/proc/cmdline", Stage = InitStage.Late)]
public sealed class CommandLineFile(KernelCommandLine commandLine) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        writer.Append(commandLine.Text).Append('\n');
        return Errno.Success;
    }
}

/// <summary>/proc/filesystems: what mount(2) knows.</summary>
[PseudoFile("/proc/filesystems", Stage = InitStage.Late)]
public sealed class FileSystemsFile(MountOperations mounts) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        foreach (var type in mounts.Types)
        {
            writer.Append(type.RequiresDevice ? "\t" : "nodev\t").Append(type.Name).Append('\n');
        }

        return Errno.Success;
    }
}

/// <summary>/proc/devices: major numbers with the name of their first device.</summary>
[PseudoFile("/proc/devices", Stage = InitStage.Late)]
public sealed class DevicesFile(DeviceRegistry devices) : IPseudoFile
{
    /// <inheritdoc/>
    public Errno Generate(PseudoFileWriter writer, IThread reader)
    {
        var nodes = devices.GetNodes();
        writer.Append("Character devices:\n");
        List(writer, nodes, InodeType.CharacterDevice);
        writer.Append("\nBlock devices:\n");
        List(writer, nodes, InodeType.BlockDevice);
        return Errno.Success;
    }

    private static void List(PseudoFileWriter writer, DeviceNode[] nodes, InodeType type)
    {
        for (var major = 0; major < 512; major++)
        {
            foreach (var node in nodes)
            {
                if (node.Number.Major == major && node.Type == type)
                {
                    writer.AppendPadded(major, 3).Append(' ').Append(NameOf(node)).Append('\n');
                    break;
                }
            }
        }
    }

    private static string NameOf(DeviceNode node) => node.Type == InodeType.BlockDevice
        ? node.Name.StartsWith("vd", System.StringComparison.Ordinal) ? "virtblk" : node.Name
        : node.Number.Major switch { 1 => "mem", 4 => "ttyS", 5 => "/dev/tty", 10 => "misc", _ => node.Name };
}
