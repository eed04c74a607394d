// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Composition;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;
using Kernel.Abstractions.Time;
using Kernel.Fs.Mounts;
using Kernel.Fs.PageCache;
using Ostd.Boot;
using Ostd.Logging;

namespace Kernel.Fs.Ram;

/// <summary>
/// The first file system: a tmpfs called rootfs, with what Linux's built-in initramfs has (/dev, /dev/console, /root), the initramfs of the boot loader, and devtmpfs on /dev.
/// </summary>
[Component(Stage = InitStage.Init)]
public sealed class RootFileSystem(
    MountTree mounts, VirtualFileSystem files, DirectoryOperations directories, AttributeOperations attributes, MountOperations mountOperations, AnonymousDeviceNumbers devices, ITimeKeeper time, PageCounters counters) : IInitializable
{
    private const int DirectoryMode = 0x1ed;
    private const int PrivateDirectoryMode = 0x1c0;
    private const int ConsoleMode = 0x180;

    /// <summary>What went wrong with the initramfs, or null: a missing init is then less of a riddle.</summary>
    public string? InitramfsError { get; private set; }

    /// <inheritdoc/>
    public void Initialize()
    {
        var options = RamFileSystemOptions.ForTmpfs(DirectoryMode);
        mounts.MountRoot(new RamFileSystem("rootfs", devices.Next(), options, time, counters), "rootfs");
        var here = FileDescriptor.CurrentDirectory;
        // Into an empty file system these can fail for want of memory only, and then the search for init says what is missing.
        _ = directories.MakeDirectory(null, here, "/dev"u8, DirectoryMode);
        _ = directories.MakeNode(null, here, "/dev/console"u8, InodeType.CharacterDevice, ConsoleMode, new DeviceNumber(5, 1));
        _ = directories.MakeDirectory(null, here, "/root"u8, PrivateDirectoryMode);
        if (BootInfo.InitramfsLength > 0)
        {
            var unpacker = new InitramfsUnpacker(files, directories, attributes);
            InitramfsError = unpacker.Unpack(new InitramfsSource());
            if (InitramfsError is not null)
            {
                Log.Error("Initramfs unpacking failed: " + InitramfsError);
            }

            Log.Info("initramfs: " + unpacker.Count + " entries from " + BootInfo.InitramfsLength / 1024 + " KiB");
            BootInfo.ReleaseInitramfs();
        }

        var error = mountOperations.Mount(null, "devtmpfs", default, "/dev"u8, "devtmpfs", 0, "");
        if (error != Errno.Success)
        {
            Log.Warn("devtmpfs: not mounted on /dev: " + error.ToString());
        }
    }
}
