// SPDX-License-Identifier: MPL-2.0
using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.IO.Compression;
using System.Text;
using FsCheck.Xunit;
using Kernel.Abstractions;
using Kernel.Abstractions.Files;
using Kernel.Fs.Ram;
using Xunit;

namespace Kernel.Fs.Tests;

public class InitramfsTests
{
    private readonly FileSystemFixture _fs = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Unpack_MakesEveryKindOfFile(bool compressed)
    {
        var archive = new Archive()
            .Add("d", 0x41ed, "")
            .Add("d/file", 0x81a4, "contents")
            .Add("d/link", 0xa1ff, "file")
            .Add("tty", 0x2180, "", device: (5, 0))
            .Add("fifo", 0x11a4, "")
            .Add("hard1", 0x81a4, "", inode: 77, links: 2)
            .Add("hard2", 0x81a4, "shared", inode: 77, links: 2)
            .Finish();
        Assert.Null(Unpack(compressed ? Gzip(archive) : archive));
        Assert.Equal("contents", _fs.Read("/d/link").Value);
        Assert.Equal("shared", _fs.Read("/hard1").Value);
        Assert.Equal(2u, _fs.Stat("/hard2").Value.LinkCount);
        Assert.Equal(new DeviceNumber(5, 0), _fs.Stat("/tty").Value.Device);
        Assert.Equal(InodeType.Fifo, _fs.Stat("/fifo").Value.Type);
        Assert.Equal(0x1a4, _fs.Stat("/d/file").Value.Mode);
        Assert.Equal(1234 * 1_000_000_000L, _fs.Stat("/d").Value.ModificationTimeNs);
    }

    [Fact]
    public void Unpack_GoesOnWithFurtherArchives()
    {
        var first = new Archive().Add("one", 0x81a4, "1").Finish();
        var second = Gzip(new Archive().Add("two", 0x81a4, "2").Finish());
        var third = new Archive().Add("one", 0x81a4, "replaced").Finish();
        Assert.Null(Unpack([.. first, 0, 0, 0, 0, .. second, .. third]));
        Assert.Equal("replaced", _fs.Read("/one").Value);
        Assert.Equal("2", _fs.Read("/two").Value);
    }

    [Fact]
    public void Unpack_OfEveryPrefix_EndsWithAReason()
    {
        var archive = new Archive().Add("d", 0x41ed, "").Add("d/f", 0x81a4, "some contents").Finish();
        for (var length = 1; length < archive.Length - 3; length++)
        {
            Assert.NotNull(new Unpacking().Unpack(archive[..length]));
        }

        var compressed = Gzip(archive);
        for (var length = 1; length < compressed.Length; length++)
        {
            Assert.NotNull(new Unpacking().Unpack(compressed[..length]));
        }
    }

    [Property(MaxTest = 300)]
    public void Unpack_OfDamagedArchives_NeverThrows(int seed)
    {
        var random = new Random(seed);
        var archive = new Archive().Add("d", 0x41ed, "").Add("d/f", 0x81a4, new string('z', 5000)).Add("l", 0xa1ff, "d/f").Finish();
        var data = random.Next(2) == 0 ? Gzip(archive) : archive;
        for (var i = random.Next(1, 8); i > 0; i--)
        {
            data[random.Next(data.Length)] = (byte)random.Next(256);
        }

        new Unpacking().Unpack(data);
    }

    [Property(MaxTest = 200)]
    public void Inflate_GivesWhatWasCompressed(int seed)
    {
        var random = new Random(seed);
        var data = new byte[random.Next(200_000)];
        if (random.Next(3) == 0)
        {
            random.NextBytes(data);
        }
        else
        {
            for (var i = 0; i < data.Length; i++)
            {
                data[i] = i > 300 && random.Next(4) > 0 ? data[i - random.Next(1, 300)] : (byte)random.Next(97, 110);
            }
        }

        var source = new InflateSource(new ArraySource(Gzip(data, (CompressionLevel)random.Next(4))));
        var actual = new byte[data.Length + 1];
        Assert.Equal(data.Length, source.Read(actual));
        Assert.Null(source.Error);
        Assert.Equal(data, actual[..^1]);
    }

    [Fact]
    public void Inflate_WithAWrongChecksum_Fails()
    {
        var compressed = Gzip(Encoding.ASCII.GetBytes("hello"));
        compressed[^5] ^= 1;
        var source = new InflateSource(new ArraySource(compressed));
        source.Read(new byte[100]);
        Assert.Equal("crc error", source.Error);
    }

    private string? Unpack(byte[] data) => new InitramfsUnpacker(_fs.Files, _fs.Names, _fs.Attributes).Unpack(new ArraySource(data));

    private static byte[] Gzip(byte[] data, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, level))
        {
            stream.Write(data);
        }

        return target.ToArray();
    }

    private sealed class Unpacking
    {
        private readonly FileSystemFixture _fs = new();

        public string? Unpack(byte[] data) => new InitramfsUnpacker(_fs.Files, _fs.Names, _fs.Attributes).Unpack(new ArraySource(data));
    }

    private sealed class ArraySource(byte[] data) : ByteSource
    {
        private int _position;

        protected override int Produce(Span<byte> destination)
        {
            var count = Math.Min(destination.Length, data.Length - _position);
            data.AsSpan(_position, count).CopyTo(destination);
            _position += count;
            return count;
        }
    }

    /// <summary>Writes the newc format.</summary>
    private sealed class Archive
    {
        private readonly List<byte> _bytes = [];
        private uint _inode;

        public Archive Add(string name, uint mode, string contents, uint inode = 0, uint links = 1, (uint Major, uint Minor) device = default)
        {
            uint[] fields =
            [
                inode != 0 ? inode : ++_inode, mode, 0, 0, links, 1234, (uint)contents.Length, 0, 0, device.Major, device.Minor, (uint)name.Length + 1, 0,
            ];
            _bytes.AddRange("070701"u8);
            foreach (var field in fields)
            {
                _bytes.AddRange(Encoding.ASCII.GetBytes(field.ToString("x8", CultureInfo.InvariantCulture)));
            }

            _bytes.AddRange(Encoding.ASCII.GetBytes(name + "\0"));
            Pad();
            _bytes.AddRange(Encoding.ASCII.GetBytes(contents));
            Pad();
            return this;
        }

        public byte[] Finish() => Add("TRAILER!!!", 0, "")._bytes.ToArray();

        private void Pad()
        {
            while (_bytes.Count % 4 != 0)
            {
                _bytes.Add(0);
            }
        }
    }
}
