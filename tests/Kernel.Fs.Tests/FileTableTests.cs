// SPDX-License-Identifier: MPL-2.0
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using NSubstitute;
using Xunit;

namespace Kernel.Fs.Tests;

public class FileTableTests
{
    private readonly FileSystemFixture _fs = new();
    private readonly IProcess _process = Substitute.For<IProcess>();

    [Fact]
    public void Allocate_GivesTheLowestFreeDescriptor_UpToTheLimit()
    {
        var table = _fs.State.CreateTable();
        for (var expected = 0; expected < 200; expected++)
        {
            Assert.Equal(expected, table.Allocate(Open(), false, 0, 200).Value);
        }

        Assert.Equal(Errno.EMFILE, table.Allocate(Open(), false, 0, 200).Error);
        Assert.Equal(Errno.Success, table.Close(70, _process));
        Assert.Equal(Errno.EBADF, table.Close(70, _process));
        Assert.Equal(Errno.Success, table.Close(7, _process));
        Assert.Equal(70, table.Allocate(Open(), false, 8, 200).Value);
        Assert.Equal(7, table.Allocate(Open(), false, 0, 200).Value);
        table.Release(_process);
    }

    [Fact]
    public void CloseOnExec_ClosesTheMarkedOnes()
    {
        var table = _fs.State.CreateTable();
        for (var i = 0; i < 130; i++)
        {
            table.Allocate(Open(), i % 3 == 0, 0, 1024);
        }

        table.CloseOnExec(_process);
        for (var i = 0; i < 130; i++)
        {
            var file = table.Get(i);
            Assert.Equal(i % 3 != 0, file is not null);
            file?.Release();
        }

        Assert.Equal(1, table.NextOpen(0));
        Assert.Equal(4, table.NextOpen(3));
        Assert.Equal(-1, table.NextOpen(129));
        table.Release(_process);
    }

    [Fact]
    public void Clone_SharesTheFiles_NotTheTable()
    {
        var table = _fs.State.CreateTable();
        var file = Open();
        table.Allocate(file, true, 0, 1024);
        var copy = table.Clone();
        table.Close(0, _process);
        var shared = copy.Get(0);
        Assert.Same(file, shared);
        Assert.True(copy.GetCloseOnExec(0).Value);
        shared!.Release();
        copy.Release(_process);
    }

    private OpenFile Open() => _fs.Files.Open(_fs.Root, "/"u8, OpenFlags.O_RDONLY).Value;
}
