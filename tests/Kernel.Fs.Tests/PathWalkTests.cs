// SPDX-License-Identifier: MPL-2.0
using System.Linq;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Syscalls;
using Xunit;
using static Kernel.Fs.Tests.FileSystemFixture;

namespace Kernel.Fs.Tests;

public class PathWalkTests
{
    private readonly FileSystemFixture _fs = new();

    public PathWalkTests()
    {
        _fs.MakeDirectory("/d");
        _fs.MakeDirectory("/d/e");
        _fs.Write("/f", "file");
        _fs.Write("/d/e/g", "deep");
        Link("/d/e", "/toE");
        Link("f", "/toF");
        Link("nothing", "/dangling");
        Link("loop", "/loop");
        Link("../..", "/d/e/up");
    }

    [Theory]
    [InlineData("", Errno.ENOENT)]
    [InlineData("/", Errno.Success)]
    [InlineData("///", Errno.Success)]
    [InlineData("/d/", Errno.Success)]
    [InlineData("/d/.", Errno.Success)]
    [InlineData("/..", Errno.Success)]
    [InlineData("/../../d/e/../../f", Errno.Success)]
    [InlineData("/f/", Errno.ENOTDIR)]
    [InlineData("/f/.", Errno.ENOTDIR)]
    [InlineData("/f/..", Errno.ENOTDIR)]
    [InlineData("/f/x", Errno.ENOTDIR)]
    [InlineData("/x", Errno.ENOENT)]
    [InlineData("/x/y", Errno.ENOENT)]
    [InlineData("/toE/g", Errno.Success)]
    [InlineData("/toE/", Errno.Success)]
    [InlineData("/toF", Errno.Success)]
    [InlineData("/toF/", Errno.ENOTDIR)]
    [InlineData("/dangling", Errno.ENOENT)]
    [InlineData("/loop", Errno.ELOOP)]
    [InlineData("/loop/x", Errno.ELOOP)]
    [InlineData("/toE/up/f", Errno.Success)]
    [InlineData("d/e/g", Errno.Success)]
    public void Walk_AnswersAsLinux(string path, Errno expected) => Assert.Equal(expected, _fs.Stat(path).Error);

    [Fact]
    public void Walk_NoFollow_StopsAtTheLink_UnlessASlashFollows()
    {
        Assert.Equal(InodeType.SymbolicLink, _fs.Stat("/toE", follow: false).Value.Type);
        Assert.Equal(InodeType.Directory, _fs.Stat("/toE/", follow: false).Value.Type);
    }

    [Fact]
    public void Walk_NameOf255Bytes_IsFound_OneMoreIsTooLong()
    {
        var name = "/" + new string('n', 255);
        Assert.Equal(Errno.Success, _fs.Write(name, "x"));
        Assert.Equal(Errno.Success, _fs.Stat(name).Error);
        Assert.Equal(Errno.ENAMETOOLONG, _fs.Stat(name + "n").Error);
        Assert.Equal(Errno.ENAMETOOLONG, _fs.Write(name + "n", "x"));
        Assert.Equal(Errno.ENAMETOOLONG, _fs.MakeDirectory(name + "n"));
    }

    [Fact]
    public void Walk_40Links_AreFollowed_41AreNot()
    {
        _fs.Write("/l0", "end");
        for (var i = 1; i <= 41; i++)
        {
            Link("/l" + (i - 1), "/l" + i);
        }

        Assert.Equal("end", _fs.Read("/l40").Value);
        Assert.Equal(Errno.ELOOP, _fs.Stat("/l41").Error);
    }

    [Fact]
    public void Walk_NeedsSearchPermissionOfEveryDirectory()
    {
        _fs.MakeDirectory("/secret");
        _fs.Write("/secret/x", "x");
        _fs.Names.MakeDirectory(_fs.Root, Here, "/secret/sub"u8, 0x1ff);
        _fs.Attributes.ChangeMode(_fs.Root, null, _fs.Files.Walk(_fs.Root, "/secret"u8, WalkFlags.None).Value.Inode, 0x1c0);
        var user = _fs.AsUser(1000);
        Assert.Equal(Errno.EACCES, _fs.Files.Walk(user, "/secret/x"u8, WalkFlags.Follow).Error);
        Assert.Equal(Errno.EACCES, _fs.Files.Walk(user, "/secret/missing"u8, WalkFlags.Follow).Error);
        Assert.Equal(Errno.EACCES, _fs.Files.Walk(user, "/secret/."u8, WalkFlags.Follow).Error);
        Assert.Equal(Errno.Success, _fs.Files.Walk(user, "/secret"u8, WalkFlags.Follow).Error);
    }

    [Fact]
    public void Walk_FromADescriptor_IsRelativeToIt()
    {
        var directory = _fs.Files.Open(_fs.Root, "/d"u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY).Value;
        var file = _fs.Files.Open(_fs.Root, "/f"u8, OpenFlags.O_RDONLY).Value;
        var descriptor = new FileDescriptor(_fs.Root.Files.Allocate(directory, false, 0, 1024).Value);
        var fileDescriptor = new FileDescriptor(_fs.Root.Files.Allocate(file, false, 0, 1024).Value);
        Assert.Equal(Errno.Success, _fs.Files.WalkAt(_fs.Root, descriptor, "e/g"u8, WalkFlags.Follow).Error);
        Assert.Equal(Errno.ENOTDIR, _fs.Files.WalkAt(_fs.Root, fileDescriptor, "e/g"u8, WalkFlags.Follow).Error);
        Assert.Equal(Errno.EBADF, _fs.Files.WalkAt(_fs.Root, new FileDescriptor(99), "e/g"u8, WalkFlags.Follow).Error);
        Assert.Equal(Errno.Success, _fs.Files.WalkAt(_fs.Root, new FileDescriptor(99), "/f"u8, WalkFlags.Follow).Error);
        Assert.Equal(InodeType.Regular, _fs.Files.WalkAt(_fs.Root, fileDescriptor, default, WalkFlags.AllowEmpty).Value.Inode.Type);
    }

    [Fact]
    public void Evicting_KeepsWhatIsHeld_AndFindsTheRestAgain()
    {
        _fs.Dentries.Capacity = 64;
        var held = _fs.Files.Open(_fs.Root, "/d/e"u8, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY).Value;
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(Errno.Success, _fs.Write("/many" + i, "x"));
        }

        Assert.True(_fs.Dentries.Count < 200);
        for (var i = 0; i < 2000; i++)
        {
            Assert.Equal(Errno.Success, _fs.Stat("/many" + i).Error);
        }

        Assert.Same(held.Path.Entry, _fs.Files.Walk(_fs.Root, "/d/e"u8, WalkFlags.Follow).Value.Entry);
        held.Release();
    }

    [Fact]
    public void AbsolutePath_FollowsRenames_AndShowsDeletion()
    {
        var file = _fs.Files.Open(_fs.Root, "/d/e/g"u8, OpenFlags.O_RDONLY).Value;
        Assert.Equal("/d/e/g", PathOf(file));
        _fs.Names.Rename(_fs.Root, Here, "/d"u8, Here, "/moved"u8, RenameFlags.None);
        Assert.Equal("/moved/e/g", PathOf(file));
        _fs.Names.Unlink(_fs.Root, Here, "/moved/e/g"u8);
        Assert.Equal("/moved/e/g (deleted)", PathOf(file));
        file.Release();
    }

    [Fact]
    public void Listing_ShowsTheNewestFirst()
        => Assert.Equal([".", "..", "loop", "dangling", "toF", "toE", "f", "d"], _fs.List("/").ToArray());

    private string PathOf(OpenFile file) => System.Text.Encoding.UTF8.GetString(_fs.Files.GetAbsolutePath(_fs.Root, file.Path));

    private void Link(string target, string path) => _fs.Names.SymbolicLink(_fs.Root, Bytes(target), Here, Bytes(path));
}
