// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Fs.Mounts;

namespace Kernel.Fs.Proc.Processes;

/// <summary>/proc/pid/mounts and mountinfo: the mounts below the process's root.</summary>
internal static class MountTables
{
    public static Errno DescribeMounts(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        if (subject.Thread.FileSystem is not { } context)
        {
            return Errno.EINVAL;
        }

        foreach (var mount in subject.System.Mounts.All)
        {
            if (!TryGetMountPoint(mount, context.Root, out var mountPoint))
            {
                continue;
            }

            PathText.AppendEscaped(writer, Encoding.Latin1.GetBytes(mount.Source));
            writer.Append(' ');
            PathText.AppendEscaped(writer, mountPoint);
            writer.Append(' ').Append(mount.FileSystem.TypeName).Append(mount.IsReadOnly ? " ro" : " rw");
            AppendMountOptions(writer, mount);
            writer.Append(mount.FileSystem.Options).Append(" 0 0\n");
        }

        return Errno.Success;
    }

    public static Errno DescribeMountInfo(PseudoFileWriter writer, ProcessSubject subject, IThread reader)
    {
        if (subject.Thread.FileSystem is not { } context)
        {
            return Errno.EINVAL;
        }

        foreach (var mount in subject.System.Mounts.All)
        {
            if (!TryGetMountPoint(mount, context.Root, out var mountPoint))
            {
                continue;
            }

            var device = DeviceNumber.Decode(mount.FileSystem.DeviceId);
            writer.Append(mount.Id).Append(' ').Append(mount.Parent?.Id ?? 0).Append(' ').Append(device.Major).Append(':').Append(device.Minor).Append(' ');
            PathText.AppendEscaped(writer, VirtualFileSystem.DescribeInFileSystem(mount.Root));
            writer.Append(' ');
            PathText.AppendEscaped(writer, mountPoint);
            writer.Append((mount.Flags & MountFlags.MS_RDONLY) != 0 ? " ro" : " rw");
            AppendMountOptions(writer, mount);
            writer.Append(" - ").Append(mount.FileSystem.TypeName).Append(' ');
            PathText.AppendEscaped(writer, Encoding.Latin1.GetBytes(mount.Source));
            writer.Append(mount.SuperBlock.IsReadOnly ? " ro" : " rw").Append(mount.FileSystem.Options).Append('\n');
        }

        return Errno.Success;
    }

    private static bool TryGetMountPoint(Mount mount, FilePath root, out byte[] path)
    {
        path = VirtualFileSystem.DescribeReachable(new FilePath(mount, mount.Root), root, out var isReachable);
        return isReachable;
    }

    private static void AppendMountOptions(PseudoFileWriter writer, Mount mount)
    {
        Option(writer, mount, MountFlags.MS_NOSUID, ",nosuid");
        Option(writer, mount, MountFlags.MS_NODEV, ",nodev");
        Option(writer, mount, MountFlags.MS_NOEXEC, ",noexec");
        Option(writer, mount, MountFlags.MS_NOATIME, ",noatime");
        Option(writer, mount, MountFlags.MS_NODIRATIME, ",nodiratime");
        Option(writer, mount, MountFlags.MS_RELATIME, ",relatime");
        Option(writer, mount, MountFlags.MS_NOSYMFOLLOW, ",nosymfollow");
    }

    private static void Option(PseudoFileWriter writer, Mount mount, MountFlags flag, string text)
    {
        if ((mount.Flags & flag) != 0)
        {
            writer.Append(text);
        }
    }
}
