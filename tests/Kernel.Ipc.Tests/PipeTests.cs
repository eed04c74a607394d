// SPDX-License-Identifier: MPL-2.0
using System;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Abstractions.Processes;
using Kernel.Abstractions.Signals;
using NSubstitute;
using Ostd.Memory;
using Xunit;

namespace Kernel.Ipc.Tests;

public class PipeTests
{
    private readonly OpenFile _reader;
    private readonly OpenFile _writer;

    public PipeTests()
        => (_reader, _writer) = new Pipe(Substitute.For<ISignalService>()).OpenBoth(Substitute.For<Inode>(), OpenFlags.O_NONBLOCK);

    [Fact]
    public void Read_OfAnEmptyPipe_WouldBlock() => Assert.Equal(Errno.EAGAIN, Read(10).Error);

    [Fact]
    public void Read_GivesWhatWasWritten()
    {
        Assert.Equal(5, Write(5).Value);
        Assert.Equal(5, Read(10).Value);
    }

    [Fact]
    public void Read_WithoutWriters_GivesTheRestAndThenTheEnd()
    {
        Write(3);
        _writer.Release();

        Assert.Equal(3, Read(10).Value);
        Assert.Equal(0, Read(10).Value);
    }

    [Fact]
    public void Write_WithoutReaders_IsABrokenPipe()
    {
        _reader.Release();

        Assert.Equal(Errno.EPIPE, Write(1).Error);
    }

    [Fact]
    public void Write_UpToPipeBuf_IsNotSplit()
    {
        Write(65536 - 4095);

        Assert.Equal(Errno.EAGAIN, Write(4096).Error);
        Assert.Equal(4095, Write(4095).Value);
    }

    [Fact]
    public void Write_BeyondPipeBuf_TakesWhatFits()
    {
        Write(65536 - 100);

        Assert.Equal(100, Write(5000).Value);
    }

    [Theory]
    [InlineData(0, PollEvents.None, PollEvents.Writable)]
    [InlineData(1, PollEvents.Readable, PollEvents.Writable)]
    [InlineData(65536 - 4096, PollEvents.Readable, PollEvents.Writable)]
    [InlineData(65536 - 4095, PollEvents.Readable, PollEvents.None)]
    public void Poll_TellsReadiness(int held, PollEvents readerEvents, PollEvents writerEvents)
    {
        Write(held);

        Assert.Equal(readerEvents, _reader.Poll(null));
        Assert.Equal(writerEvents, _writer.Poll(null));
    }

    [Fact]
    public void Poll_AfterTheOtherEndIsGone_TellsHangUpAndError()
    {
        var other = new Pipe(Substitute.For<ISignalService>()).OpenBoth(Substitute.For<Inode>(), OpenFlags.O_NONBLOCK);
        _writer.Release();
        other.Reader.Release();

        Assert.Equal(PollEvents.POLLHUP, _reader.Poll(null));
        Assert.Equal(PollEvents.POLLERR, other.Writer.Poll(null) & PollEvents.POLLERR);
    }

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(5000, 8192)]
    [InlineData(1 << 20, 1 << 20)]
    public void SetCapacity_RoundsUpToAPowerOfTwo(int asked, int given)
        => Assert.Equal(given, ((IPipeFile)_writer).SetCapacity(asked, Substitute.For<IThread>()).Value);

    [Fact]
    public void SetCapacity_BelowTheContents_IsBusy()
    {
        Write(10000);

        Assert.Equal(Errno.EBUSY, ((IPipeFile)_writer).SetCapacity(4096, Substitute.For<IThread>()).Error);
        Assert.Equal(10000, Read(20000).Value);
    }

    private Result<int> Write(int count)
    {
        var source = new VmReader(new byte[count]);
        return _writer.Write(ref source);
    }

    private Result<int> Read(int count)
    {
        var destination = new VmWriter(new byte[count]);
        return _reader.Read(ref destination);
    }
}
