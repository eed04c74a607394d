// SPDX-License-Identifier: MPL-2.0
using System;
using System.Text;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Time;
using Kernel.Fs.Locks;
using Kernel.Fs.Ram;
using NSubstitute;
using Ostd.Memory;
using Xunit;
using static Kernel.Fs.Tests.FileSystemFixture;

namespace Kernel.Fs.Tests;

/// <summary>What several CPUs do to one tree of files at once.</summary>
public class RaceTests
{
    private const int SetUid = 0x800;
    private const int Rounds = 3000;

    private readonly FileSystemFixture _fs = new("nr_inodes=1000");

    [Fact]
    public void Directory_EvictedFromTheCache_IsTheSameEntryWhenItIsFoundAgain()
    {
        _fs.MakeDirectory("/d");
        var before = _fs.Files.Walk(_fs.Root, "/d"u8, WalkFlags.None).Value;
        _fs.Dentries.Shrink(everything: true);
        Assert.Equal(0, _fs.Dentries.Count);

        Assert.Same(before.Entry, _fs.Files.Walk(_fs.Root, "/d"u8, WalkFlags.None).Value.Entry);
        Assert.Equal(1, _fs.Dentries.Count);
    }

    [Fact]
    public void Walks_WhileTheCacheIsEmptied_AgreeOnWhatIsThere()
    {
        _fs.MakeDirectory("/d");
        _fs.MakeDirectory("/d/e");
        Race.Run(
            Rounds,
            () =>
            {
                Assert.Equal(Errno.Success, _fs.Write("/d/e/f", "x"));
                Assert.Equal("x", _fs.Read("/d/e/f").Value);
                Assert.Equal(Errno.Success, _fs.Names.Unlink(_fs.Root, Here, "/d/e/f"u8));
                Assert.Equal(Errno.ENOENT, _fs.Stat("/d/e/f").Error);
            },
            () => _fs.Dentries.Shrink(everything: true),
            () => Assert.Equal(InodeType.Directory, _fs.Stat("/d/e").Value.Type));
    }

    [Fact]
    public void Mount_OnADirectoryThatIsRemoved_IsNeverLeftWithoutAPlace()
    {
        Race.Run(
            Rounds,
            () =>
            {
                _fs.MakeDirectory("/m");
                if (_fs.MountCalls.Mount(_fs.Root, "none", default, "/m"u8, "tmpfs", 0, "") == Errno.Success)
                {
                    Assert.DoesNotContain(_fs.Mounts.All.ToArray(), static mount => mount.Attachment is { Entry.IsDeleted: true });
                    Assert.Equal(Errno.Success, _fs.MountCalls.Unmount(_fs.Root, "/m"u8, 0));
                }
            },
            () => _fs.Names.RemoveDirectory(_fs.Root, Here, "/m"u8));
    }

    [Fact]
    public void Create_InADirectoryThatARenameReplaces_LosesNoFile()
    {
        var system = _fs.Files.Walk(_fs.Root, "/"u8, WalkFlags.None).Value.Inode.FileSystem;
        var freeBefore = system.GetStatistics().FreeFiles;
        Race.Run(
            Rounds,
            () =>
            {
                _fs.MakeDirectory("/a");
                _fs.MakeDirectory("/b");
                if (_fs.Names.Rename(_fs.Root, Here, "/a"u8, Here, "/b"u8, RenameFlags.None) != Errno.Success)
                {
                    _fs.Names.Unlink(_fs.Root, Here, "/b/x"u8);
                }
            },
            () => _fs.Write("/b/x", ""));

        _fs.Names.Unlink(_fs.Root, Here, "/b/x"u8);
        _fs.Names.RemoveDirectory(_fs.Root, Here, "/a"u8);
        _fs.Names.RemoveDirectory(_fs.Root, Here, "/b"u8);
        Assert.Equal(freeBefore, system.GetStatistics().FreeFiles);
    }

    [Fact]
    public void Permission_ReadDuringAChange_IsOfOneMoment()
    {
        _fs.Write("/f", "x");
        var inode = _fs.Files.Walk(_fs.Root, "/f"u8, WalkFlags.None).Value.Inode;
        Race.Run(
            Rounds * 10,
            () =>
            {
                inode.SetAttributes(new AttributeChange { Mode = 0x1ed | SetUid, Uid = 1000 });
                inode.SetAttributes(new AttributeChange { Mode = 0x1ed, Uid = 0 });
            },
            () =>
            {
                var permission = inode.GetPermission();
                Assert.False((permission.Mode & SetUid) != 0 && permission.Uid == 0);
            });
    }

    [Fact]
    public void ChangeOwnerToRoot_WhileTheOwnerSetsTheSetUidBit_NeverMakesASetUidRootProgram()
    {
        _fs.Write("/f", "x");
        var inode = _fs.Files.Walk(_fs.Root, "/f"u8, WalkFlags.None).Value.Inode;
        var user = _fs.AsUser(1000);
        Race.Run(
            Rounds,
            () =>
            {
                Assert.Equal(Errno.Success, _fs.Attributes.ChangeOwner(_fs.Root, null, inode, 1000, null));
                Assert.Equal(Errno.Success, _fs.Attributes.ChangeOwner(_fs.Root, null, inode, 0, null));
                var permission = inode.GetPermission();
                Assert.False((permission.Mode & SetUid) != 0 && permission.Uid == 0);
            },
            () => _fs.Attributes.ChangeMode(user, null, inode, 0x1ed | SetUid));
    }

    [Fact]
    public void Path_BuiltDuringARename_IsTheOldOrTheNewOne()
    {
        _fs.MakeDirectory("/d");
        _fs.MakeDirectory("/d/a");
        var entry = (Dentries.Dentry)_fs.Files.Walk(_fs.Root, "/d/a"u8, WalkFlags.None).Value.Entry!;
        string[] possible = ["/d/a", "/longer"];
        Race.Run(
            Rounds,
            () =>
            {
                Assert.Equal(Errno.Success, _fs.Names.Rename(_fs.Root, Here, "/d/a"u8, Here, "/longer"u8, RenameFlags.None));
                Assert.Equal(Errno.Success, _fs.Names.Rename(_fs.Root, Here, "/longer"u8, Here, "/d/a"u8, RenameFlags.None));
            },
            () => Assert.Contains(Encoding.UTF8.GetString(VirtualFileSystem.DescribeInFileSystem(entry)), possible),
            () => Assert.Contains(Encoding.UTF8.GetString(_fs.Files.GetAbsolutePath(_fs.Root, new FilePath(_fs.Mounts.Root, entry))), possible));
    }

    [Fact]
    public void WriteSeal_OnceItIsSet_NothingChanges()
    {
        var memory = new MemoryFiles(new AnonymousDeviceNumbers(), Substitute.For<ITimeKeeper>(), _fs.Counters);
        memory.Initialize();
        var data = new byte[32 * 4096];
        for (var round = 0; round < 200; round++)
        {
            var file = memory.Create(_fs.Root, "m"u8, allowSealing: true).Value;
            var value = (byte)0;
            Race.Run(
                1,
                () =>
                {
                    var error = Errno.Success;
                    while (error == Errno.Success)
                    {
                        Array.Fill(data, ++value);
                        var reader = new VmReader(data);
                        error = file.WriteAt(ref reader, 0).Error;
                    }

                    Assert.Equal(Errno.EPERM, error);
                },
                () =>
                {
                    Assert.Equal(Errno.Success, ((ISealable)file.Inode).AddSeals(FileSeals.F_SEAL_WRITE));
                    var sealedContent = new byte[data.Length];
                    var writer = new VmWriter(sealedContent);
                    file.ReadAt(ref writer, 0);
                    Assert.True(sealedContent.AsSpan().Count(sealedContent[0]) == sealedContent.Length);
                });
            file.Release();
        }
    }

    [Fact]
    public void RecordLocks_TakenInOneOrder_AreNoDeadlock()
    {
        var locks = new FileLocks();
        _fs.Write("/f", "xy");
        var file = _fs.Files.Open(_fs.Root, "/f"u8, OpenFlags.O_RDWR).Value;
        var first = _fs.AsUser(1);
        var second = _fs.AsUser(2);
        Race.Run(
            Rounds,
            () =>
            {
                Assert.Equal(Errno.Success, Lock(first, 1, RecordLockType.F_WRLCK));
                Assert.Equal(Errno.Success, Lock(first, 0, RecordLockType.F_WRLCK));
                Lock(first, 0, RecordLockType.F_UNLCK);
                Lock(first, 1, RecordLockType.F_UNLCK);
            },
            () =>
            {
                Assert.Equal(Errno.Success, Lock(second, 0, RecordLockType.F_WRLCK));
                Lock(second, 0, RecordLockType.F_UNLCK);
                Assert.Equal(Errno.Success, Lock(second, 1, RecordLockType.F_WRLCK));
                Lock(second, 1, RecordLockType.F_UNLCK);
            });
        file.Release();

        Errno Lock(IThread owner, long offset, RecordLockType type)
            => locks.SetRecordLock(owner, file, RecordLockOwner.Process, new RecordLock(type, offset, offset, 1), wait: true);
    }
}
