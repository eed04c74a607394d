// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Xunit;
using static Kernel.Fs.Tests.FileSystemFixture;

namespace Kernel.Fs.Tests;

public class MountTests
{
    private const ulong MS_RDONLY = 1;
    private const ulong MS_REMOUNT = 32;
    private const ulong MS_BIND = 4096;
    private const ulong MS_MOVE = 8192;
    private const int MNT_DETACH = 2;

    private readonly FileSystemFixture _fs = new();

    public MountTests()
    {
        _fs.MakeDirectory("/m");
        _fs.MakeDirectory("/n");
        _fs.Write("/m/below", "hidden");
    }

    [Fact]
    public void Mount_HidesWhatIsBelow_UmountShowsItAgain()
    {
        Assert.Equal(Errno.Success, Mount("/m"));
        Assert.Equal(Errno.ENOENT, _fs.Stat("/m/below").Error);
        _fs.Write("/m/inside", "x");
        Assert.Equal(Errno.Success, _fs.Stat("/m/../n").Error);
        Assert.Equal(Errno.EBUSY, _fs.Names.RemoveDirectory(_fs.Root, Here, "/m"u8));
        Assert.Equal(Errno.Success, _fs.MountCalls.Unmount(_fs.Root, "/m"u8, 0));
        Assert.Equal("hidden", _fs.Read("/m/below").Value);
        Assert.Equal(Errno.EINVAL, _fs.MountCalls.Unmount(_fs.Root, "/m"u8, 0));
    }

    [Fact]
    public void Umount_WithAnOpenFile_IsBusy_ButCanBeDetached()
    {
        Mount("/m");
        _fs.Write("/m/file", "still here");
        var file = _fs.Files.Open(_fs.Root, "/m/file"u8, OpenFlags.O_RDONLY).Value;
        Assert.Equal(Errno.EBUSY, _fs.MountCalls.Unmount(_fs.Root, "/m"u8, 0));
        Assert.Equal(Errno.Success, _fs.MountCalls.Unmount(_fs.Root, "/m"u8, MNT_DETACH));
        var buffer = new byte[32];
        var writer = new Ostd.Memory.VmWriter(buffer);
        Assert.Equal(10, file.Read(ref writer).Value);
        file.Release();
        Assert.Equal(0, _fs.Counters.CachedPages - 1);
    }

    [Fact]
    public void ReadOnlyMount_RefusesEveryChange()
    {
        Mount("/m");
        _fs.Write("/m/file", "x");
        Assert.Equal(Errno.Success, _fs.MountCalls.Mount(_fs.Root, "none", default, "/m"u8, "", MS_REMOUNT | MS_RDONLY, ""));
        Assert.Equal(Errno.EROFS, _fs.Write("/m/file", "y"));
        Assert.Equal(Errno.EROFS, _fs.Write("/m/new", "y"));
        Assert.Equal(Errno.EROFS, _fs.MakeDirectory("/m/d"));
        Assert.Equal(Errno.EEXIST, _fs.MakeDirectory("/m/file"));
        Assert.Equal(Errno.EROFS, _fs.Names.Unlink(_fs.Root, Here, "/m/file"u8));
        Assert.Equal("x", _fs.Read("/m/file").Value);
    }

    [Fact]
    public void Bind_ShowsTheSameFiles_AndLinksDoNotCross()
    {
        Assert.Equal(Errno.Success, _fs.MountCalls.Mount(_fs.Root, "/m", "/m"u8, "/n"u8, "", MS_BIND, ""));
        Assert.Equal("hidden", _fs.Read("/n/below").Value);
        _fs.Write("/n/new", "both");
        Assert.Equal("both", _fs.Read("/m/new").Value);
        Assert.Equal(Errno.EXDEV, _fs.Names.Link(_fs.Root, Here, "/m/below"u8, Here, "/n/link"u8, WalkFlags.None));
        Assert.Equal(Errno.EXDEV, _fs.Names.Rename(_fs.Root, Here, "/m/below"u8, Here, "/n/moved"u8, RenameFlags.None));
    }

    [Fact]
    public void Move_TakesTheMountElsewhere_ButNotBelowItself()
    {
        Mount("/m");
        _fs.MakeDirectory("/m/sub");
        _fs.Write("/m/file", "x");
        Assert.Equal(Errno.ELOOP, _fs.MountCalls.Mount(_fs.Root, "/m", "/m"u8, "/m/sub"u8, "", MS_MOVE, ""));
        Assert.Equal(Errno.Success, _fs.MountCalls.Mount(_fs.Root, "/m", "/m"u8, "/n"u8, "", MS_MOVE, ""));
        Assert.Equal("x", _fs.Read("/n/file").Value);
        Assert.Equal("hidden", _fs.Read("/m/below").Value);
    }

    [Theory]
    [InlineData("/missing", "tmpfs", "", Errno.ENOENT)]
    [InlineData("/m/below", "tmpfs", "", Errno.ENOTDIR)]
    [InlineData("/m", "nofs", "", Errno.ENODEV)]
    [InlineData("/m", "", "", Errno.EINVAL)]
    [InlineData("/m", "tmpfs", "size=x", Errno.EINVAL)]
    [InlineData("/m", "tmpfs", "unknown", Errno.EINVAL)]
    [InlineData("/m", "tmpfs", "size=1m,mode=700,nr_inodes=5", Errno.Success)]
    public void Mount_AnswersAsLinux(string target, string type, string options, Errno expected)
        => Assert.Equal(expected, _fs.MountCalls.Mount(_fs.Root, "none", default, Bytes(target), type, 0, options));

    [Fact]
    public void Mount_WithoutCapability_IsNotPermitted()
        => Assert.Equal(Errno.EPERM, _fs.MountCalls.Mount(_fs.AsUser(1000), "none", default, "/m"u8, "tmpfs", 0, ""));

    [Fact]
    public void SizeLimit_EndsInNoSpace_AndFreedSpaceComesBack()
    {
        Assert.Equal(Errno.Success, _fs.MountCalls.Mount(_fs.Root, "none", default, "/m"u8, "tmpfs", 0, "size=16k,nr_inodes=3"));
        Assert.Equal(Errno.Success, _fs.Write("/m/a", new string('a', 16384)));
        Assert.Equal(Errno.ENOSPC, _fs.Write("/m/b", "b"));
        Assert.Equal(Errno.ENOSPC, _fs.Write("/m/c", "c"));
        Assert.Equal(Errno.Success, _fs.Names.Unlink(_fs.Root, Here, "/m/a"u8));
        Assert.Equal(Errno.Success, _fs.Write("/m/c", "c"));
    }

    private Errno Mount(string target) => _fs.MountCalls.Mount(_fs.Root, "none", default, Bytes(target), "tmpfs", 0, "");
}
